"""The lab's training, everything recorded, against the ways one would otherwise train the same network."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from tests.bench import torch_loop

ROUNDS, EPOCHS, SUBSET = 3, 2, 15_000
NETWORKS, BATCH_SIZES = ("threads/model-3", "fitch/model-7", "mcnn/proposed"), (32, 64, 128)


def run() -> None:
    """Print images a second of each way, all taken in turn, and how many times faster the lab is, round by round."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fmnist_core import devices
    from fmnist_core.config import TrainingConfig
    from fmnist_core.data import load_dataset

    load_dataset()
    ways: dict[str, Callable] = {
        "lab": _fit_in_the_lab,
        "plain Keras fit": _fit_plainly,
        "lab in float32": lambda config: _fit_in_the_lab(config.with_settings(mixed_precision="off")),
        "lab, nothing recorded": _fit_unrecorded,
    }
    if find_spec("torch"):
        ways["PyTorch loop"] = torch_loop.fit_apart
    print(
        f"{devices.describe()}; {SUBSET:,} training and 3,000 validation items, epoch 2, from the end of the first to "
        f"its own; median of {ROUNDS} rounds, all in turn; beside it how many times as fast the lab is, least to most"
    )
    for architecture in NETWORKS:
        for batch_size in BATCH_SIZES:
            config = TrainingConfig(
                architecture, epochs=EPOCHS, batch_size=batch_size, subset=SUBSET, validation_split=0.05, seed=1
            )
            rounds = [{name: _rate(fit, config) for name, fit in ways.items()} for _ in range(ROUNDS)]
            print(f"{architecture}, batch {batch_size}", flush=True)
            for name in ways:
                ratios = [rates["lab"] / rates[name] for rates in rounds]
                speed = statistics.median(rates[name] for rates in rounds)
                print(
                    f"  {name:22}{speed:>8,.0f}/s  {statistics.median(ratios):.2f} "
                    f"({min(ratios):.2f} to {max(ratios):.2f})",
                    flush=True,
                )


def _rate(fit: Callable, config) -> float:
    """Return training items a second from the end of the first epoch to the end of the last, all else included."""
    moments = fit(config)
    return SUBSET * (EPOCHS - 1) / (moments[-1] - moments[0])


def _fit_plainly(config) -> list[float]:
    import keras

    from fmnist_core import architectures
    from fmnist_core.config import choose_items
    from fmnist_core.data import load_dataset

    dataset = load_dataset()
    split = choose_items(config, dataset.labels)
    keras.utils.set_random_seed(config.seed)
    layers = architectures.build_model(architectures.find_stack(config.architecture)).layers
    # The same layers without the scaling, which the arrays have had already.
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers[1:]])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    images = (dataset.images[..., None] / 255).astype("float32")
    labels = dataset.labels.astype("int32")
    moments: list[float] = []
    model.fit(
        images[split.train],
        labels[split.train],
        validation_data=(images[split.validation], labels[split.validation]),
        batch_size=config.batch_size,
        epochs=config.epochs,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: moments.append(time.perf_counter()))],
    )
    return moments


def _make_clock():
    from fmnist_core.observing import NoObserver

    class Clock(NoObserver):
        """Notes when an epoch is over."""

        def __init__(self) -> None:
            self.moments: list[float] = []

        def on_epoch(self, *_) -> None:
            self.moments.append(time.perf_counter())

    return Clock()


def _fit_unrecorded(config) -> list[float]:
    from fmnist_core.data import load_dataset
    from fmnist_core.training import train

    clock = _make_clock()
    train(config, load_dataset(), clock)
    return clock.moments


def _fit_in_the_lab(config) -> list[float]:
    from fmnist_core import recording, runs, storage

    clock = _make_clock()
    data = storage.home() / "data"
    kept = os.environ.get("FMNIST_HOME")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").symlink_to(data)
        os.environ["FMNIST_HOME"] = folder
        try:
            recording.execute(runs.create_run(config, config.architecture, status=runs.RUNNING).run_id, clock)
        finally:
            if kept is None:
                del os.environ["FMNIST_HOME"]
            else:
                os.environ["FMNIST_HOME"] = kept
    return clock.moments
