"""A run as its folder shows it: what `runs` reads there, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fmnist_core.config import TrainingConfig
from fmnist_core.run_labels import Labels
from fmnist_core.run_status import FAILED, FINISHED, INTERRUPTED, QUEUED, RUNNING, STOPPED


@dataclass(frozen=True, eq=False)
class Run:
    """A run as its folder shows it at one moment.

    Attributes:
        run_id: name of its folder.
        path: the folder.
        recipe: name of the recipe that it started from.
        config: its settings.
        status: one of `run_status.STATUSES`, as `run_status.judge_status` judges it.
        created: when it was submitted, seconds since 1970.
        parameters: number of weights, or what a classical classifier has learned, once it has.
        shipped: whether it came with the lab.
        record: everything else that run.json holds.
        labels: what people have written on it.
    """

    run_id: str
    path: Path
    recipe: str
    config: TrainingConfig
    status: str
    created: float
    parameters: int
    shipped: bool
    record: Mapping[str, Any] = field(repr=False)
    labels: Labels = field(default_factory=Labels)

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in (QUEUED, RUNNING)

    @property
    def stopping(self) -> bool:
        """Whether it has been asked to stop and has not done so yet."""
        return self.active and (self.path / "stop").exists()

    @property
    def paused(self) -> bool:
        """Whether its training holds, or will after the current batches; it keeps its worker meanwhile."""
        return self.status == RUNNING and (self.path / "pause").exists() and not self.stopping

    @property
    def paused_at(self) -> float | None:
        """Since when its training has held without being asked to step, seconds since 1970; None if it trains."""
        moment = self.record.get("paused_at")
        return float(moment) if self.paused and isinstance(moment, (int, float)) else None

    @property
    def imported(self) -> bool:
        """Whether it came in a file from elsewhere; it can be looked into, compared and asked, but not trained on."""
        return isinstance(self.record.get("imported"), Mapping)

    @property
    def trained_elsewhere(self) -> bool:
        """Whether nothing but its network is known: `config` then says nothing about how it was trained."""
        return self.imported and self.record["imported"].get("kind") == "keras"

    @property
    def resumable(self) -> bool:
        """Whether it ended before its last epoch for a reason that need not last."""
        return self.status in (STOPPED, FAILED, INTERRUPTED) and not self.shipped and not self.imported

    @property
    def extendable(self) -> bool:
        """Whether it has ended as planned and can be trained for more epochs."""
        kept = self.status == FINISHED and not self.shipped and not self.imported
        return kept and (self.path / "checkpoint.keras").is_file()

    @property
    def has_model(self) -> bool:
        """Whether its network can be used."""
        return (self.path / "model.keras").is_file()

    @property
    def has_evaluation(self) -> bool:
        """Whether its test part has been predicted."""
        return (self.path / "evaluation.npz").is_file()

    @property
    def tested_at(self) -> float:
        """When its test part was predicted, seconds since 1970; 0 if it was not."""
        path = self.path / "evaluation.npz"
        return path.stat().st_mtime if path.is_file() else 0.0

    @property
    def test_accuracy(self) -> float | None:
        """Accuracy on the test part of its own split, 0 to 1; None before it is known."""
        return (self.record.get("result") or {}).get("test_accuracy")

    @property
    def title(self) -> str:
        """The run in words: its name, else its recipe and when it was submitted, or that it is a reference."""
        if self.labels.name:
            return self.labels.name
        if self.shipped:
            return f"{self.recipe} · reference run"
        moment = datetime.fromtimestamp(self.created).strftime("%d %b %H:%M:%S")
        return f"{self.recipe} · {moment}"
