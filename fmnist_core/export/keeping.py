"""Exports that are kept: each is made once for all who ask, on a worker, and handed out from then on.

A study, in the sense of `studies`, makes the file and keeps what came of its check; the file itself lies in
`FMNIST_HOME/exports/<run_id>`, all of which may be thrown away at any time: it can be made anew.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import storage, studies
from fmnist_core.export.checking import Check, Export
from fmnist_core.export.exporting import export_run, suggest_name
from fmnist_core.fetch import Report
from fmnist_core.runs import Run

STUDY = "export"


def find_path(run: Run, format: str) -> Path:
    """Return where the file of a run in a format is or will be kept."""
    return storage.home() / "exports" / run.run_id / suggest_name(run, format)


def request_export(run: Run, format: str) -> studies.Request:
    """Return what is asked for; a run that has gone on since is another request."""
    return studies.Request(run, STUDY, {"format": format, "stamp": _stamp(run)})


def load_kept(run: Run, format: str) -> Export | None:
    """Return an export that has been made of the run as it is now, or None if there is none that can be read."""
    path, arrays = find_path(run, format), studies.load_study(request_export(run, format))
    if arrays is None or not path.is_file():
        return None
    try:
        check = Check.from_dict(json.loads(str(arrays["check"])))
        return Export(format, path, path.stat().st_size, float(arrays["seconds"]), check)
    except (KeyError, TypeError, ValueError):
        return None


def forget_kept(run: Run, format: str) -> None:
    """Throw away what is kept, the file and its check, so that it can be made anew."""
    request_export(run, format).path.unlink(missing_ok=True)
    find_path(run, format).unlink(missing_ok=True)


def study_export(run: Run, settings: Mapping[str, Any], report: Report) -> studies.Arrays:
    """Make and check an export; what a worker does."""
    format = str(settings["format"])
    path = find_path(run, format)
    with storage.explained():
        path.parent.mkdir(parents=True, exist_ok=True)
    made = export_run(run, format, path, report)
    return {"check": np.array(json.dumps(made.check.to_dict())), "seconds": np.array(made.seconds)}


def _stamp(run: Run) -> int:
    path = run.path / "history.csv"
    return path.stat().st_mtime_ns if path.is_file() else 0
