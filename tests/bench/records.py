"""How accurate a network is that many seconds after the click, on this machine: three seeds of the lab's own recipes.

As in the app: submitted to a worker that is warm, everything recorded, tested, saved. Beside the plain accuracy stands
the one of answers averaged with those for the mirror image.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from types import ModuleType

SEEDS = (0, 1, 2)
# What each is meant to take at most on two processor cores, from the click, in seconds.
RECIPES = {"lab/quick": 60, "lab/ten-minutes": 600}


def run() -> None:
    """Print test accuracy and seconds of each seed, their mean and spread."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fmnist_core import devices, jobs
    from fmnist_core.data import load_dataset

    dataset = load_dataset()
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "data").symlink_to(dataset.path)
        os.environ["FMNIST_HOME"] = home
        jobs.warm()
        try:
            for recipe, limit in RECIPES.items():
                trained = [_train(jobs, recipe, seed) for seed in SEEDS]
                print(f"{recipe}, {devices.describe_processor()}, meant to take {limit} s")
                for seed, (plain, averaged, seconds) in zip(SEEDS, trained, strict=True):
                    print(f"  seed {seed}: {plain:.2%}, averaged with the mirror image {averaged:.2%}, {seconds:.1f} s")
                for name, values in zip(("plain", "averaged"), list(zip(*trained, strict=True))[:2], strict=True):
                    print(f"  {name}: {statistics.mean(values):.2%} ± {statistics.stdev(values):.2%}", flush=True)
        finally:
            jobs.close()
            del os.environ["FMNIST_HOME"]


def _train(jobs: ModuleType, recipe: str, seed: int) -> tuple[float, float, float]:
    """Return test accuracy, the same with mirror images, and seconds from the click until the run was finished."""
    from fmnist_core import runs
    from fmnist_core.data import load_dataset
    from fmnist_core.recipes import find_recipe
    from fmnist_core.scoring import score_officially

    clicked = time.perf_counter()
    run_id = jobs.submit(find_recipe(recipe).config.with_settings(seed=seed), recipe)
    while runs.load_run(run_id).active:
        time.sleep(0.1)
    seconds = time.perf_counter() - clicked
    run = runs.load_run(run_id)
    if run.status != runs.FINISHED:
        raise RuntimeError(f"{recipe} ended early: {run.status}.")
    averaged = score_officially(run, load_dataset(), mirrored=True)["accuracy"]
    return run.record["result"]["test_accuracy"], averaged, seconds
