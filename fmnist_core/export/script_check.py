"""A script run in a process of its own, as far as building its network, and what it built compared with the run's."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import baselines
from fmnist_core.config import choose_items
from fmnist_core.data import Dataset
from fmnist_core.export.checking import Check, choose_checked, compare
from fmnist_core.export.formats import FORMATS, ExportError
from fmnist_core.export.reloading import name_runtime
from fmnist_core.export.script_frame import list_differences
from fmnist_core.runs import Run

_PARTS = ("train", "validation", "test")
_LONGEST = 300.0

# What the other process does; it knows nothing of this project.
_BUILD = """
import runpy, sys
import numpy as np
script, given = runpy.run_path(sys.argv[1]), np.load(sys.argv[2])
found = dict(zip(("train", "validation", "test"), script["choose_items"](given["labels"])))
network = script["build_model"]()
network.set_weights([given[f"weights_{place}"] for place in range(len(network.weights))])
found["answers"] = np.asarray(network.predict_on_batch(given["images"][..., None]))
np.savez(sys.argv[3], **found)
"""
_FIT = """
import runpy, sys
import numpy as np
script, given = runpy.run_path(sys.argv[1]), np.load(sys.argv[2])
found = dict(zip(("train", "validation", "test"), script["choose_items"](given["labels"])))
classifier = script["build_classifier"]().fit(given["fitted"], given["fitted_labels"])
found["answers"] = classifier.predict_proba(given["asked"])
np.savez(sys.argv[3], **found)
"""


def check_script(run: Run, dataset: Dataset, path: Path) -> Check:
    """Run a script in another process until its network stands, give that the run's weights, and compare.

    The items that it chooses are compared too. It is not trained; a classical classifier is fitted, on 1,000 items.

    Raises:
        ExportError: if it fails there, or builds or chooses something else.
    """
    items = choose_checked(dataset)
    labels = dataset.labels[items]
    if run.config.is_baseline:
        given, own, note = _prepare_classifier(run, dataset, dataset.images[items])
        program, runtime = _FIT, name_runtime("scikit-learn", "scikit-learn")
    else:
        given, own, note = _prepare_network(run, dataset, dataset.images[items])
        program, runtime = _BUILD, name_runtime("a process of its own, with Keras", "keras")
    found = _run(program, path, {**given, "labels": dataset.labels})
    chosen = choose_items(run.config, dataset.labels).parts()
    if not all(np.array_equal(found[part], chosen[part]) for part in _PARTS):
        raise ExportError(f"The script must choose the items that the run did, and does not. Received: {run.run_id}.")
    difference, accuracy, own_accuracy = compare(own, found["answers"], labels)
    said = " ".join([note, *list_differences(run)])
    tolerance = FORMATS["script"].tolerance
    return Check(runtime, len(items), "items", difference, accuracy, own_accuracy, tolerance, said)


def _prepare_network(
    run: Run, dataset: Dataset, images: NDArray[np.uint8]
) -> tuple[dict[str, NDArray[Any]], NDArray[np.float32], str]:
    """Return what the other process is given, what the run's network answers, and what was done in words."""
    import keras

    from fmnist_core import architectures
    from fmnist_core.export.plain import load_plain

    network = load_plain(run) if run.has_model else architectures.build_model(run.config.stack)
    weights = {f"weights_{place}": weight for place, weight in enumerate(network.get_weights())}
    own = keras.ops.convert_to_numpy(network.predict_on_batch(images[..., np.newaxis]))
    note = "The network that it builds got the run's weights; it was not trained for this."
    return {**weights, "images": images}, own, note


def _prepare_classifier(
    run: Run, dataset: Dataset, images: NDArray[np.uint8]
) -> tuple[dict[str, NDArray[Any]], NDArray[np.float32], str]:
    baselines.check_installed()
    from fmnist_core.splits import take_stratified

    train = choose_items(run.config, dataset.labels).train
    chosen = take_stratified(train, dataset.labels, min(1_000, len(train)), seed=0)
    fitted, fitted_labels = baselines.flatten(dataset.images[chosen]), dataset.labels[chosen]
    asked = baselines.flatten(images)
    classifier = baselines.BASELINES[run.config.architecture].build(run.config.seed).fit(fitted, fitted_labels)
    note = f"Both were fitted on the same {len(chosen):,} training items for this."
    return {"fitted": fitted, "fitted_labels": fitted_labels, "asked": asked}, classifier.predict_proba(asked), note


def _run(program: str, script: Path, given: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    with tempfile.TemporaryDirectory() as scratch:
        taken, answer = Path(scratch) / "given.npz", Path(scratch) / "found.npz"
        np.savez(taken, **given)  # type: ignore[arg-type]
        # Isolated: it finds what is installed and nothing of the folder that this runs in.
        command = [sys.executable, "-I", "-c", program, str(script.absolute()), str(taken), str(answer)]
        quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=quiet, cwd=scratch, timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            raise ExportError(f"The script must build its network within {_LONGEST:.0f} s, and did not.") from None
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ExportError(f"The script must build the run's network, and does not. Received: {last:.200}")
        with np.load(answer) as arrays:
            return dict(arrays)
