"""How long it takes to look into a network: from an item to what is seen of it, without the browser.

Each stage is timed warm, as a visitor meets it from the second item on, and the first time by itself.
"""

import os
import statistics
import time

CALLS = 30


def run() -> None:
    """Print how long the reference run's network needs for its maps, for each explanation, and for its scores."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fmnist_core import data, evaluation, run_data, runs
    from fmnist_core.evaluation import metrics
    from fmnist_core.interpretation import attribution, surgery
    from fmnist_core.interpretation.methods import METHODS
    from fmnist_core.interpretation.probing import Probe

    run = runs.find_answering_run()
    images = data.load_dataset().test_images
    probe = Probe.load(run.path / "model.keras")
    names = [layer.name for layer in probe.layers]
    stages = {"feature maps of all layers": lambda number: probe.compute_outputs(images[number : number + 1], names)}
    for method, described in METHODS.items():
        stages[described.title] = lambda number, method=method: attribution.explain(
            probe, method, images[number : number + 1], number % 10
        )
    operated = surgery.Surgery(probe, surgery.find_operable(probe)[0].name, surgery.draw_sample(run))
    stages["2,000 items with a channel silenced"] = lambda number: operated.ask_sample([number % 8])
    answers = run_data.load_evaluation(run)
    stages["scores of 10,000 answers"] = lambda _: evaluation.compute_scores(answers.labels, answers.probabilities)
    stages["... with their bootstrap intervals"] = lambda number: metrics.compute_metrics(
        answers.labels, answers.probabilities, seed=number
    )
    for name, stage in stages.items():
        _measure(name, stage)


def _measure(name: str, stage) -> None:
    seconds = []
    # Ten classes have each a function of their own to build.
    for number in range(10 + CALLS):
        began = time.perf_counter()
        stage(number)
        seconds.append(time.perf_counter() - began)
    first, warm = seconds[0], seconds[10:]
    print(
        f"{name:40}{1000 * statistics.median(warm):8.1f} ms ({1000 * min(warm):.1f} to {1000 * max(warm):.1f}), "
        f"the first time {1000 * first:.0f} ms",
        flush=True,
    )
