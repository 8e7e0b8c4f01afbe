"""From a drawing to its ten probabilities, without the browser."""

import os
import statistics
import time

import numpy as np

CALLS = 200


def run() -> None:
    """Print how long each stage of an answer takes."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fmnist_core import photos, runs
    from fmnist_core.prediction import Predictor

    predictor = Predictor(runs.find_answering_run().path / "model.keras")
    canvas = np.zeros((280, 280), np.uint8)
    canvas[60:220, 90:200] = 200
    image = photos.prepare_drawing(canvas).image
    stages = {
        "drawing to 28×28": lambda: photos.prepare_drawing(canvas),
        "probabilities": lambda: predictor(image[None]),
    }
    for name, stage in stages.items():
        seconds = []
        for _ in range(CALLS):
            began = time.perf_counter()
            stage()
            seconds.append(time.perf_counter() - began)
        print(f"{name:20}{1000 * statistics.median(seconds):8.2f} ms, the slowest {1000 * max(seconds):.2f} ms")
