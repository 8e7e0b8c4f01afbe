"""What runs were set to and ran on, side by side, and which of it differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fmnist_core import architectures
from fmnist_core.config import TrainingConfig
from fmnist_core.runs import Run

if TYPE_CHECKING:
    import pandas as pd

NOT_KNOWN = "–"
_ITEMS = {"train": "training items", "validation": "validation items", "test": "test items"}


@dataclass(frozen=True, eq=False)
class SettingsTable:
    """What runs were set to: a row each setting, a column each run, as text.

    Attributes:
        different: the settings in which not all runs are alike.
        same: the others.
    """

    different: "pd.DataFrame"
    same: "pd.DataFrame"


def compare_settings(runs: Sequence[Run], labels: Sequence[str]) -> SettingsTable:
    """Put what runs were set to and ran on side by side.

    Args:
        runs: at least one.
        labels: what the columns are called, another one for each run.
    """
    import pandas as pd

    columns = [describe_run(run) for run in runs]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = {name: [column.get(name, NOT_KNOWN) for column in columns] for name in names}

    def differs(name: str) -> bool:
        # Networks of one's own may read alike and be others.
        is_other = name == "layers" and any(run.config.layers != runs[0].config.layers for run in runs)
        return is_other or len(set(rows[name])) > 1

    whole = pd.DataFrame.from_dict(rows, orient="index", columns=list(labels)).rename_axis("setting")
    differing = [differs(name) for name in names]
    return SettingsTable(whole[differing], whole[[not one for one in differing]])


def describe_run(run: Run) -> dict[str, str]:
    """Return all that a run was set to and ran on, by what to call it, as text."""
    settings = {
        field.name.replace("_", " "): _say(getattr(run.config, field.name))
        for field in fields(TrainingConfig)
        if field.name != "layers"
    }
    own = run.config.layers
    settings["layers"] = "of the architecture" if own is None else ", ".join(layer.class_name for layer in own)
    return {"recipe": run.recipe} | settings | _describe_size(run) | _describe_machine(run.record)


def _describe_size(run: Run) -> dict[str, str]:
    items = run.record.get("items") or {}
    operations = None if run.config.is_baseline else architectures.count_operations(run.config.stack)
    return {
        "parameters": f"{run.parameters:,}",
        "multiplications an item": NOT_KNOWN if operations is None else f"{operations:,}",
    } | {title: f"{int(items[name]):,}" if name in items else NOT_KNOWN for name, title in _ITEMS.items()}


def _describe_machine(record: Mapping[str, Any]) -> dict[str, str]:
    result, versions = record.get("result") or {}, record.get("versions")
    created = datetime.fromtimestamp(record["created"])
    return {
        "device": str(record.get("device") or NOT_KNOWN),
        "precision": str(record.get("precision") or NOT_KNOWN),
        **{f"{name}, version": str(value) for name, value in (versions if isinstance(versions, dict) else {}).items()},
        "epochs trained": str(int(result["epochs"])) if "epochs" in result else NOT_KNOWN,
        "seconds of training": f"{result['seconds']:,.0f}" if "seconds" in result else NOT_KNOWN,
        "submitted": f"{created:%Y-%m-%d %H:%M}",
    }


def _say(value: object) -> str:
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
