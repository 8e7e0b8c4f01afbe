import os

import numpy as np
import pytest

from fmnist_core import runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.evaluation.metrics import METRICS
from fmnist_core.run_data import HISTORY_COLUMNS

_ITEMS = np.arange(60_000, 60_200)


def answer(labels, right, confidence=0.8, dtype=np.float32):
    """Answers that are right, or the next class, with this confidence."""
    probabilities = np.full((len(labels), 10), (1 - confidence) / 9, dtype)
    named = np.where(right, labels, (labels.astype(int) + 1) % 10)
    probabilities[np.arange(len(labels)), named] = confidence
    return probabilities


@pytest.fixture
def make_run(fmnist_home, dataset):
    """Make a run whose test answers are 75% sure and in 150 of 200 cases right."""

    def make_run(recipe="threads/model-3", **settings):
        run = runs.create_run(TrainingConfig(**settings), recipe, status=runs.FINISHED)
        labels = dataset.labels[_ITEMS]
        probabilities = answer(labels, np.arange(200) % 4 > 0)
        np.savez(run.path / "evaluation.npz", items=_ITEMS, labels=labels, probabilities=probabilities)
        return runs.load_run(run.run_id)

    return make_run


@pytest.fixture
def add_epochs(dataset):
    """Give a run two epochs: validation items are 80% sure each time, half and then nine tenths of them right."""

    def add_epochs(run):
        items = np.arange(54_000, 60_000)
        (run.path / "epochs").mkdir()
        np.savez(run.path / "epochs" / "items.npz", items=items)
        for epoch, right in ((1, items % 2 == 0), (2, items % 10 > 0)):
            shares = answer(dataset.labels[items], right, dtype=np.float16)
            np.savez(run.path / "epochs" / f"{epoch:04d}.npz", probabilities=shares)
        lines = [
            ",".join(HISTORY_COLUMNS),
            "1,1.0,0.6,0.9,0.5,0.001,1,1000,100,",
            "2,0.5,0.95,0.8,0.9,0.001,1,1000,100,",
        ]
        (run.path / "history.csv").write_text("\n".join(lines) + "\n")

    return add_epochs


@pytest.fixture
def ask_about_everything(dataset):
    """Have a run's network asked about all items: right about those that it was trained on, and half of the rest."""

    def ask(run):
        (run.path / "model.keras").write_bytes(b"")
        os.utime(run.path / "model.keras", (run.tested_at - 10,) * 2)
        folder = storage.home() / "layers" / f"{run.run_id}-{int(run.tested_at)}"
        folder.mkdir(parents=True)
        numbers = np.arange(70_000)
        shares = answer(dataset.labels, (numbers < 54_000) | (numbers % 2 == 0), dtype=np.float16)
        np.save(folder / "outputs.npy", shares[:, :1])
        np.save(folder / "probabilities.npy", shares)

    return ask


@pytest.fixture
def open_view(open_page):
    return lambda run, view: open_page("analysis/mistakes.py", run=run.run_id, view=view)


def read(elements):
    return "\n".join(element.value for element in elements)


def test_the_row_at_the_top_has_intervals(open_view, make_run):
    page = open_view(make_run(), "Confusion")
    metrics = {metric.label: metric for metric in page.metric}
    assert metrics["Accuracy"].value == "75.00%"
    assert metrics["Accuracy"].delta == "95% interval 68.57% to 80.49%"
    assert metrics["Mistakes"].value == "50"
    assert metrics["Top-2 accuracy"].value.endswith("%")
    low, _, high = metrics["Log loss"].delta.partition(" to ")
    assert float(low) < float(metrics["Log loss"].value) < float(high)


def test_scores_show_every_metric_and_the_classes(open_view, make_run):
    page = open_view(make_run(), "Scores")
    assert not page.exception
    table = next(element.value for element in page.markdown if element.value.startswith("| Measure"))
    for metric in METRICS.values():
        assert f"| **{metric.title}.** {metric.meaning} | **" in table
    assert "| **75.00%** | 68.57–80.49% |" in table
    shown = page.dataframe[0].value
    assert shown["Class"].tolist()[6] == "Shirt"
    assert shown["Items"].sum() == 200
    assert (shown["Recall"] >= 0).all()
    assert (shown["Recall"] <= 100).all()
    assert len(page.get("plotly_chart")) == 3


def test_the_corner_of_the_curves_can_be_in_the_url(open_page, make_run):
    page = open_page("analysis/mistakes.py", run=make_run().run_id, view="Scores", curves="Corner enlarged")
    (control,) = [control for control in page.button_group if control.key == "curves"]
    assert control.value == "Corner enlarged"


def test_items_of_a_single_class_have_no_curves(open_view, make_run):
    run = make_run()
    labels = np.zeros(3, np.uint8)
    np.savez(run.path / "evaluation.npz", items=_ITEMS[:3], labels=labels, probabilities=answer(labels, labels == 0))
    page = open_view(runs.load_run(run.run_id), "Scores")
    assert not page.exception
    assert "same class" in page.info[0].value


def test_calibration_is_mended_with_validation_items(open_view, make_run, add_epochs):
    run = make_run()
    add_epochs(run)
    page = open_view(run, "Calibration")
    assert not page.exception
    said = read(page.markdown)
    assert (
        "**80.0% sure** of its answer, and it is right in **75.0%**: so it is **over-confident** by 5.0 points" in said
    )
    before, after = [metric.value for metric in page.metric if metric.label == "Expected calibration error"]
    # The validation items, of which 90% are right, say that it should be surer than it is.
    assert before == "5.00%"
    assert float(after.removesuffix("%")) == pytest.approx(15, abs=0.1)
    assert "under-confident: T = 0." in read(page.subheader)
    assert "network as it was after epoch 2" in said
    assert "| Accuracy | 75.00% | 75.00% |" in said
    assert "makes the expected calibration error larger" in page.info[0].value


def test_without_validation_items_calibration_says_why_it_cannot_be_mended(open_view, make_run):
    page = open_view(make_run(validation_split=0.0), "Calibration")
    assert not page.exception
    assert "cannot be mended here" in page.info[0].value
    assert "no validation items" in page.info[0].value
    assert len(page.get("plotly_chart")) == 1


def test_overfitting_shows_the_gap_by_class(open_view, make_run, add_epochs, ask_about_everything):
    run = make_run()
    add_epochs(run)
    ask_about_everything(run)
    page = open_view(run, "Overfitting")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Training items"] == "100.00%"
    assert metrics["Validation items"] == "50.00%"
    assert metrics["Test items"] == "75.00%"
    assert metrics["Gap"] == "25.00 points"
    said = read(page.markdown)
    assert "Of 100 items it gets 25.0 more right if it was trained on them." in said
    assert "of 10 classes it is more than chance explains" in said
    assert len(page.get("plotly_chart")) == 3


def test_overfitting_counts_what_was_forgotten(open_view, make_run, add_epochs):
    run = make_run()
    add_epochs(run)
    page = open_view(run, "Overfitting")
    # Even item numbers are right at first, and all but those that end in 0 later.
    assert "Of **6,000 validation items**, **600** were forgotten at least once" in read(page.markdown)
    assert "**0** were never right; **600** are wrong at the end." in read(page.markdown)


def test_what_was_not_asked_about_can_be(open_view, make_run):
    run = make_run()
    (run.path / "model.keras").write_bytes(b"")
    os.utime(run.path / "model.keras", (run.tested_at - 10,) * 2)
    page = open_view(run, "Overfitting")
    assert not page.exception
    assert "Compute it" in [button.label for button in page.button]
    said = read(page.info)
    assert "fewer than two epochs" in said
    assert "has kept no epochs" in said


def test_a_run_that_has_kept_no_network_says_so(open_view, make_run):
    assert "has kept no network" in open_view(make_run(), "Overfitting").info[0].value


@pytest.fixture
def baseline(make_run):
    run = make_run("baselines/random-forest", architecture="baselines/random-forest", epochs=1)
    (run.path / "history.csv").write_text(f"{','.join(HISTORY_COLUMNS)}\n1,0.1,0.99,0.8,0.9,,1,1000,100,\n")
    return run


def test_a_classical_classifier_shows_what_applies(open_view, baseline):
    page = open_view(baseline, "Overfitting")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Gap"] == "24.00 points"
    assert "keeps a classical classifier's answers, not itself" in page.info[0].value
    assert not open_view(baseline, "Scores").exception
