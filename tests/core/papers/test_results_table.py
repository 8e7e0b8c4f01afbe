"""The table that the repository holds: whatever can be worked out again is."""

import numpy as np
import pytest

from fmnist_core import runs, storage
from fmnist_core.evaluation import compute_log_loss, tabulate_classes
from fmnist_core.evaluation.metrics import count_confusion
from fmnist_core.papers.documents import load_documents
from fmnist_core.papers.leaderboard import count_test_items
from fmnist_core.papers.records import compute_run_hash
from fmnist_core.papers.results import COLUMNS, FOLDER, HISTORY_COLUMNS, load_histories, load_predicted, load_results
from fmnist_core.papers.verdicts import FIGURES, VERDICTS, compare, write_summary
from fmnist_core.recipes import load_recipes
from fmnist_core.run_data import load_evaluation, load_history
from fmnist_core.splits import make_split

RESULTS = load_results()
BY_HASH = {result.run_hash: result for result in RESULTS}
SHIPPED = [run for run in runs.list_runs().runs if run.shipped]
each_result = pytest.mark.parametrize("result", RESULTS, ids=lambda result: f"{result.recipe}-{result.seed}")


def six_digits(value):
    return float(f"{value:.6g}")


def test_there_is_a_table_with_the_columns_of_a_result():
    lines = (FOLDER / "results.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 1 + len(RESULTS) > 1


def test_no_run_stands_in_it_twice_and_its_order_is_that_of_the_recipes():
    places = {name: place for place, name in enumerate(load_recipes())}
    order = [(places[result.recipe], result.seed) for result in RESULTS]
    assert order == sorted(set(order))
    assert len(BY_HASH) == len(RESULTS)


@each_result
def test_a_row_is_of_a_recipe_and_within_its_ranges(result):
    config = load_recipes()[result.recipe].config
    assert (result.split, result.epochs_planned) == (config.split, config.epochs)
    assert 1 <= result.epochs <= result.epochs_planned
    assert result.complete or result.note
    assert 0.1 <= result.test_accuracy <= 1
    assert 0 < result.test_loss < 10
    assert result.seconds > 0
    assert result.parameters == config.parameters or config.is_baseline
    assert result.precision in ("bfloat16", "float32")
    assert result.device
    assert result.versions.startswith("python 3.")
    assert len(result.date) == len("2026-11-20")
    assert len(result.run_hash) == 12


@each_result
def test_accuracy_and_f1_follow_from_the_answers(result, dataset):
    items = make_split(result.split, dataset.labels).test
    predicted = load_predicted(result.run_hash)
    assert predicted.shape == items.shape == (count_test_items(result.split),)
    confusion = count_confusion(dataset.labels[items], predicted)
    assert result.test_accuracy == six_digits(np.trace(confusion) / len(items))
    assert result.f1 == six_digits(tabulate_classes(confusion)["f1-score"].mean())


def test_answers_and_histories_are_of_the_rows_and_of_no_others():
    with np.load(FOLDER / "predictions.npz") as arrays:
        assert arrays.files == list(BY_HASH)
    histories = load_histories()
    assert tuple(histories.columns) == HISTORY_COLUMNS
    assert list(histories["run_hash"].unique()) == list(BY_HASH)
    assert len(histories) == sum(result.epochs for result in RESULTS)


@each_result
def test_the_best_epoch_of_a_history_is_the_row_s(result):
    histories = load_histories()
    history = histories[histories["run_hash"] == result.run_hash]
    assert history["epoch"].tolist() == list(range(1, result.epochs + 1))
    for column, best in (("accuracy", result.train_accuracy), ("val_accuracy", result.val_accuracy)):
        assert history[column].max() == best or (best is None and history[column].isna().all())
    assert history["seconds"].sum() <= result.seconds * 1.001


def test_every_row_of_the_papers_tables_is_measured_or_says_why_not():
    measured = {result.recipe for result in RESULTS if result.complete}
    open_rows = [
        recipe.name
        for document in load_documents().values()
        for table in document.tables
        for recipe in table.recipes
        if recipe.name not in measured and not document.unmeasured.get(recipe.name)
    ]
    assert open_rows == []


# What was shipped of the runs that are recorded


def test_shipped_runs_are_among_the_recorded_ones():
    hashes = {compute_run_hash(run.config, load_evaluation(run)) for run in SHIPPED}
    assert {result.recipe for result in RESULTS if result.run_hash in hashes} >= {
        "threads/model-3",
        "fitch/model-7",
        "baselines/hog-svm",
    }


@pytest.mark.parametrize("run", SHIPPED, ids=lambda run: run.run_id)
def test_a_shipped_run_comes_to_what_its_row_says(run):
    evaluation = load_evaluation(run)
    result = BY_HASH.get(compute_run_hash(run.config, evaluation))
    accuracy = (evaluation.probabilities.argmax(axis=1) == evaluation.labels).mean()
    assert run.test_accuracy == pytest.approx(accuracy, abs=1e-12)
    if result is None:  # of a recipe with other settings, or from before there was a table
        return
    assert (result.recipe, result.seed, result.epochs) == (run.recipe, run.config.seed, len(load_history(run)))
    assert result.test_accuracy == six_digits(accuracy)
    assert result.test_loss == six_digits(compute_log_loss(evaluation.labels, evaluation.probabilities))
    assert np.array_equal(load_predicted(result.run_hash), evaluation.probabilities.argmax(axis=1))


def test_all_shipped_runs_together_are_small():
    folder = storage.ASSETS / "runs"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 25_000_000


def test_the_oldest_reference_run_is_offered_first():
    assert SHIPPED[0].run_id == "mcnn-proposed"


@pytest.mark.parametrize("document", load_documents().values(), ids=lambda document: document.key)
def test_the_readme_shows_each_paper_s_headline_network(document):
    table = next(table for table in document.tables if document.headline in {recipe.name for recipe in table.recipes})
    (line,) = [line for line in compare(table, document, RESULTS) if line.recipe.name == document.headline]
    figure = line.figures[line.telling]
    row = (
        f"| {document.label} | `{document.headline}` | {FIGURES[line.telling]} | {100 * figure.claimed:.2f}% "
        f"| {write_summary(figure.measured)} | {VERDICTS[line.verdict].label} |"
    )
    assert row in (storage.ASSETS.parent / "README.md").read_text(encoding="utf-8")
