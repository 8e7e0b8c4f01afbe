"""The lab's training, everything recorded, against a plain `keras.Model.fit` on float arrays."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS, EPOCHS, SUBSET = 5, 3, 8_000
CASES = [("threads/model-3", 32), ("threads/model-3", 128), ("fitch/model-7", 32), ("fitch/model-7", 128)]


def run() -> None:
    """Print images a second of both, taken in turn, and the ratio pair by pair."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fmnist_core import devices
    from fmnist_core.config import TrainingConfig
    from fmnist_core.data import load_dataset

    load_dataset()
    print(
        f"{devices.describe()}; {SUBSET:,} training and 3,000 validation items, {EPOCHS - 1} epochs after a first one "
        f"that is not counted; median of {ROUNDS} rounds, both in turn"
    )
    print(f"{'network':18}{'batch':>6}{'plain fit':>12}{'lab':>12}{'ratio':>8}  (least to most)")
    for architecture, batch_size in CASES:
        config = TrainingConfig(
            architecture, epochs=EPOCHS, batch_size=batch_size, subset=SUBSET, validation_split=0.05, seed=1
        )
        pairs = [(_rate(_fit_plainly, config), _rate(_fit_in_the_lab, config)) for _ in range(ROUNDS)]
        plain, lab = (statistics.median(rates) for rates in zip(*pairs, strict=True))
        ratios = [lab_rate / plain_rate for plain_rate, lab_rate in pairs]
        print(
            f"{architecture:18}{batch_size:>6}{plain:>10,.0f}/s{lab:>10,.0f}/s{statistics.median(ratios):>8.2f}"
            f"  ({min(ratios):.2f} to {max(ratios):.2f})",
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


def _fit_in_the_lab(config) -> list[float]:
    from fmnist_core import recording, runs, storage
    from fmnist_core.observing import NoObserver

    class Clock(NoObserver):
        """Notes when the recorder has written an epoch."""

        def __init__(self) -> None:
            self.moments: list[float] = []

        def on_epoch(self, *_) -> None:
            self.moments.append(time.perf_counter())

    clock = Clock()
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
