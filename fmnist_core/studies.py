"""Studies of a run's network that take longer than a click may: each is computed once, in the background, and kept.

The results lie in the run's folder, `studies/<key>.npz`; of a run that came with the lab, in `FMNIST_HOME/studies`.
"""

import hashlib
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import storage
from fmnist_core.errors import InvalidSettingError
from fmnist_core.fetch import Report, no_report
from fmnist_core.pending import Pending, Reporter
from fmnist_core.runs import Run, load_run

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Study:
    """A kind of study.

    Attributes:
        title: what it is called on the page.
        function: "module:name" of what computes it, of (run, settings, report) to arrays by name. It is imported when
            it is needed, since it brings Keras.
        seconds: how long it takes for the lab's reference run on two cores, roughly.
    """

    title: str
    function: str
    seconds: float


STUDIES: Mapping[str, Study] = {
    "heat-maps": Study("Heat maps put to the test", "fmnist_core.interpretation.sanity:compare_methods", seconds=30.0),
    "ablation": Study(
        "Each channel silenced in turn", "fmnist_core.interpretation.surgery:study_ablation", seconds=10.0
    ),
    "excitation": Study(
        "What excites each channel", "fmnist_core.interpretation.excitation:study_excitation", seconds=8.0
    ),
    "making": Study("Images made for the channels", "fmnist_core.interpretation.making:study_making", seconds=6.0),
    "robustness": Study(
        "Accuracy under changes", "fmnist_core.interpretation.robustness:study_robustness", seconds=15.0
    ),
    "export": Study("To take away", "fmnist_core.export.keeping:study_export", seconds=8.0),
    "trust": Study("When to believe this network", "fmnist_core.trust_fitting:study_trust", seconds=40.0),
}


@dataclass(frozen=True)
class Request:
    """What is asked for: a study of a run, with settings that JSON can hold.

    Raises:
        InvalidSettingError: for an unknown study.
    """

    run: Run
    study: str
    settings: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.study not in STUDIES:
            raise InvalidSettingError(f"`study` must be one of {', '.join(STUDIES)}. Received: {self.study}.")

    @property
    def key(self) -> str:
        """A name that stands for the study, its settings, and the state of the network."""
        said = json.dumps([self.run.run_id, int(self.run.tested_at), self.study, self.settings], sort_keys=True)
        return f"{self.study}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"

    @property
    def path(self) -> Path:
        """Where its result is or will be kept."""
        parent = storage.home() / "studies" / self.run.run_id if self.run.shipped else self.run.path / "studies"
        return parent / f"{self.key}.npz"

    @property
    def pending(self) -> Pending:
        """How far it is."""
        return Pending(storage.home() / "studies" / "pending", f"{self.run.run_id}-{self.key}")


def load_study(request: Request) -> Arrays | None:
    """Return the result of a study, or None if there is none that can be read."""
    try:
        with np.load(request.path) as arrays:
            return dict(arrays)
    except Exception:  # numpy raises whatever zipfile, zlib and its own parser raise
        return None


def announce(request: Request) -> bool:
    """Write down that a study waits to be made; return False if somebody is at it, or it is there already."""
    return not request.path.is_file() and request.pending.announce()


def execute(request: Request, report: Report = no_report, announced: bool = False) -> Arrays:
    """Return the result of a study, made now unless it is there; if another process is at it, wait for that one.

    Args:
        request: what to study.
        report: called with a sentence and the share done, from 0 to 1.
        announced: whether it was announced; then it is made only if nobody has cancelled it since.

    Raises:
        CancelledError: if somebody asked for its end.
        FmnistError: if it cannot be made; those who watch are told too.
    """
    return request.pending.execute(
        lambda: load_study(request), lambda reporter: _compute(request, reporter), report, announced
    )


def execute_by_name(run_id: str, study: str, settings: Mapping[str, Any]) -> None:
    """Make a study that was announced; what a worker is handed."""
    execute(Request(load_run(run_id), study, settings), announced=True)


def _compute(request: Request, reporter: Reporter) -> Arrays:
    study = STUDIES[request.study]
    reporter.guess = study.seconds
    module, _, name = study.function.partition(":")
    arrays = getattr(importlib.import_module(module), name)(request.run, request.settings, reporter)
    with storage.explained(), storage.written_whole(request.path, suffix=".npz") as temporary:
        np.savez_compressed(temporary, **arrays)
    return arrays
