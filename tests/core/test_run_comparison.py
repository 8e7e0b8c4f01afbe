import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fmnist_core import architectures, run_comparison, run_data, runs, storage
from fmnist_core.config import TrainingConfig, choose_items
from fmnist_core.curves import Tables, load_tables
from fmnist_core.errors import InvalidSettingError
from fmnist_core.run_comparison import CompareView
from fmnist_core.run_comparison.lines import count_training_operations, find_best
from fmnist_core.run_comparison.results import compute_spreads, find_seconds_to
from fmnist_core.run_labels import Labels
from fmnist_core.stacks import Layer

SHIPPED = ("threads-model-3", "mcnn-proposed", "fitch-model-7")
HEIGHTS = [0.5, 0.7, 0.9, 0.8]


@pytest.fixture
def make_run(fmnist_home):
    """Make the folder of a finished run with 1,000 training items."""

    def make(recipe="threads/model-3", record=None, **settings):
        run = runs.create_run(TrainingConfig(**settings), recipe, status=runs.FINISHED)
        kept = storage.read_json(run.path / "run.json")
        storage.write_json(run.path / "run.json", kept | {"items": {"train": 1000}} | (record or {}))
        return runs.load_run(run.run_id)

    return make


@pytest.fixture
def answer(dataset):
    """Write what a run has answered of some items: the true class, or the next one."""

    def write(run, items, wrong=()):
        items = np.asarray(items)
        labels = dataset.labels[items]
        predicted = (labels + np.isin(items, wrong)) % 10
        probabilities = np.eye(10, dtype=np.float32)[predicted]
        np.savez(run.path / "evaluation.npz", items=items, labels=labels, probabilities=probabilities)
        return run

    return write


def tabulate(heights, seconds=2.0, loss=None, validated=True):
    """Return the tables of a run with these validation accuracies; training is always 0.1 below."""
    n_epochs = len(heights)
    history = pd.DataFrame({name: np.full(n_epochs, np.nan) for name in run_data.HISTORY_COLUMNS})
    history["epoch"] = np.arange(1, n_epochs + 1)
    history["accuracy"] = np.array(heights) - 0.1
    history["val_accuracy"] = heights if validated else np.nan
    history["val_loss"] = 1 - np.array(heights) if loss is None else loss
    history["seconds"] = seconds
    return Tables(history, pd.DataFrame(columns=list(run_data.BATCH_COLUMNS), dtype=float), 10, n_epochs)


def draw(run_list, heights, pooled=True, **view):
    tables = {
        run.run_id: tabulate(*one) if isinstance(one, tuple) else tabulate(one)
        for run, one in zip(run_list, heights, strict=True)
    }
    groups = run_comparison.group_runs(run_list, pooled)
    return run_comparison.build_lines(groups, tables, CompareView(**view))


def test_a_link_names_runs_and_some_are_gone(make_run):
    first, second = make_run(), make_run(seed=1)
    choice = run_comparison.choose_runs([second.run_id, "gone", "", first.run_id, second.run_id], [first, second])
    assert [run.run_id for run in choice.runs] == [second.run_id, first.run_id]
    assert choice.missing == ("gone",)
    assert choice.left_out == 0


def test_no_more_than_ten_are_compared(make_run):
    many = [make_run(seed=seed) for seed in range(12)]
    choice = run_comparison.choose_runs([run.run_id for run in many], many)
    assert (len(choice.runs), choice.left_out) == (10, 2)


def test_the_default_is_what_is_new_or_what_came_with_the_lab(make_run, answer):
    shipped = run_comparison.choose_default(runs.list_runs().runs)
    assert {run.run_id for run in shipped} == {"fitch-model-7", "lab-afternoon", "lab-half-hour", "mcnn-proposed"}
    made = [answer(make_run(seed=seed), [60_000]) for seed in range(3)]
    listed = runs.list_runs().runs
    chosen = run_comparison.choose_default(listed)
    assert [run.run_id for run in chosen] == [run.run_id for run in listed[:2]]
    assert {run.run_id for run in chosen} <= {run.run_id for run in made}


def test_runs_that_differ_only_in_the_seed_are_one_group(make_run):
    second, other, first, again = make_run(seed=1), make_run(batch_size=64), make_run(seed=0), make_run(seed=1)
    groups = run_comparison.group_runs([second, other, first, again])
    assert [group.key for group in groups] == [
        (first.run_id, second.run_id),
        (other.run_id,),
        (again.run_id,),
    ]
    assert groups[0].name == first.run_id
    apart = run_comparison.group_runs([second, other, first, again], pooled=False)
    assert [group.key for group in apart] == [(run.run_id,) for run in (second, other, first, again)]
    assert len({group.label for group in apart}) == 4


def test_legends_name_the_recipe_or_what_differs(make_run):
    labels = [group.label for group in run_comparison.group_runs([make_run(), make_run("fitch/model-7")])]
    assert labels == ["model-3", "model-7"]
    one, two = make_run(batch_size=64), make_run(batch_size=128)
    labels = [group.label for group in run_comparison.group_runs([one, two])]
    assert labels == ["model-3 batch size 64", "model-3 batch size 128"]
    pooled = run_comparison.group_runs([make_run(seed=0), make_run(seed=1)])
    assert [(group.label, group.title) for group in pooled] == [("model-3", "model-3 · 2 seeds")]


def test_names_that_people_gave_come_first(make_run):
    named, other = make_run(), make_run(batch_size=64)
    runs.save_labels(named, Labels(name="my best"))
    groups = run_comparison.group_runs([runs.load_run(named.run_id), other])
    assert [group.label for group in groups] == ["my best", "model-3 batch size 64"]


def test_a_line_is_the_run_itself(make_run):
    (line,) = draw([make_run()], [HEIGHTS])
    assert (line.part, line.has_band) == ("validation", False)
    assert line.x.tolist() == line.epochs.tolist() == [1, 2, 3, 4]
    assert line.mean.tolist() == line.raw.tolist() == line.low.tolist() == HEIGHTS
    assert line.deviation.tolist() == [0, 0, 0, 0]


def test_lines_along_seconds_and_multiplications(make_run):
    run = make_run()
    (line,) = draw([run], [HEIGHTS], axis="seconds")
    assert line.x.tolist() == [2, 4, 6, 8]
    (line,) = draw([run], [HEIGHTS], axis="operations")
    per_epoch = 3 * architectures.count_operations(run.config.stack) * 1000
    assert line.x.tolist() == [per_epoch * epoch for epoch in (1, 2, 3, 4)]


def test_the_multiplications_of_an_epoch_by_hand(make_run):
    # Flatten and ten outputs: 7,840 an item forward, twice that backward; 20 batches of 50 or all 1,000 items.
    layers = (Layer("Flatten", {}),)
    assert count_training_operations(make_run(layers=layers)) == 3 * 7840 * 1000
    assert count_training_operations(make_run(layers=layers, steps_per_epoch=7, batch_size=50)) == 3 * 7840 * 350
    assert count_training_operations(make_run(record={"items": None})) is None


def test_a_classical_classifier_has_no_multiplications(make_run):
    svm = runs.load_run("hog-svm")
    assert count_training_operations(svm) is None
    groups = run_comparison.group_runs([svm])
    tables = {svm.run_id: load_tables(svm)}
    assert run_comparison.build_lines(groups, tables, CompareView(axis="operations")) == []
    assert len(run_comparison.build_lines(groups, tables, CompareView())) == 1


def test_lines_are_aligned_where_one_wishes(make_run):
    run = make_run()
    (best,) = draw([run], [HEIGHTS], align="best", axis="seconds")
    assert best.epochs.tolist() == [-2, -1, 0, 1]
    assert best.x.tolist() == [-4, -2, 0, 2]
    (end,) = draw([run], [HEIGHTS], align="end")
    assert end.x.tolist() == [-3, -2, -1, 0]


def test_a_logarithmic_axis_needs_lines_that_start_together():
    assert CompareView(log_x=True).is_log_x
    assert not CompareView(log_x=True, align="end").is_log_x


def test_the_error_rate_is_what_is_missing_to_the_accuracy(make_run):
    both = draw([make_run()], [HEIGHTS], metric="error", part="both")
    assert [line.part for line in both] == ["training", "validation"]
    assert both[1].mean.tolist() == pytest.approx([0.5, 0.3, 0.1, 0.2])
    assert both[0].mean.tolist() == pytest.approx([0.6, 0.4, 0.2, 0.3])


def test_seeds_are_drawn_as_their_mean_with_a_band(make_run):
    seeds = [make_run(seed=seed) for seed in range(3)]
    heights = [0.5, 0.7, 0.9], [0.6, 0.8], [0.7, 0.9]
    (line,) = draw(seeds, heights)
    assert line.has_band
    assert line.seeds.tolist() == [3, 3, 1]
    assert line.mean.tolist() == pytest.approx([0.6, 0.8, 0.9])
    assert line.deviation.tolist() == pytest.approx([0.1, 0.1, 0.0])
    assert line.low.tolist() == pytest.approx([0.5, 0.7, 0.9])
    assert line.high.tolist() == pytest.approx([0.7, 0.9, 0.9])
    apart = draw(seeds, heights, pooled=False)
    assert [line.mean.tolist() for line in apart] == [list(values) for values in heights]


def test_seeds_are_aligned_each_at_its_own_best_epoch(make_run):
    seeds = [make_run(seed=seed) for seed in range(2)]
    (line,) = draw(seeds, ([0.5, 0.9], [0.4, 0.6, 0.7, 0.3]), align="best")
    # Not where only one of them has an epoch.
    assert line.epochs.tolist() == [-1, 0]
    assert line.mean.tolist() == pytest.approx([0.55, 0.8])
    assert line.seeds.tolist() == [2, 2]


def test_each_seed_is_smoothed_before_they_are_averaged(make_run):
    (line,) = draw([make_run()], [[0.5, 0.7]], smoothing=0.5)
    # (0.25 · 0.5 + 0.5 · 0.7) / 0.75
    assert line.mean.tolist() == pytest.approx([0.5, 0.475 / 0.75])
    assert line.raw.tolist() == [0.5, 0.7]


def test_a_run_that_validated_nothing_has_only_a_training_line(make_run):
    run = make_run(validation_split=0)
    tables = {run.run_id: tabulate(HEIGHTS, validated=False)}
    groups = run_comparison.group_runs([run])
    lines = run_comparison.build_lines(groups, tables, CompareView(part="both"))
    assert [line.part for line in lines] == ["training"]
    assert find_best(tables[run.run_id]) == 3


def test_impossible_views_are_refused():
    with pytest.raises(InvalidSettingError, match="`align` must be one of start, best, end"):
        CompareView(align="middle")


def test_settings_are_split_into_those_that_differ_and_the_others(make_run):
    one = make_run(record={"device": "CPU", "versions": {"keras": "3.15.1"}}, batch_size=64, flip=True)
    two = make_run(record={"device": "GPU", "versions": {"keras": "3.15.2"}}, learning_rate=0.01)
    found = run_comparison.compare_settings([one, two], ["A", "B"])
    different = found.different.to_dict("index")
    assert different["batch size"] == {"A": "64", "B": "32"}
    assert different["learning rate"] == {"A": "0.001", "B": "0.01"}
    assert different["flip"] == {"A": "yes", "B": "no"}
    assert different["device"] == {"A": "CPU", "B": "GPU"}
    assert different["keras, version"] == {"A": "3.15.1", "B": "3.15.2"}
    assert {"architecture", "optimizer", "parameters", "multiplications an item", "split"} <= set(found.same.index)
    assert not set(found.same.index) & set(found.different.index)


def test_networks_of_ones_own_differ_even_if_their_layers_have_the_same_names(make_run):
    one, two = (make_run(layers=(Layer("Flatten", {}), Layer("Dense", {"units": units}))) for units in (8, 16))
    assert "layers" in run_comparison.compare_settings([one, two], ["A", "B"]).different.index


def test_what_the_shipped_runs_came_to(dataset):
    chosen = [runs.load_run(name) for name in SHIPPED]
    groups = run_comparison.group_runs(chosen)
    tables = {run.run_id: load_tables(run) for run in chosen}
    answers = {run.run_id: run_data.load_evaluation(run) for run in chosen}
    results = run_comparison.compute_results(groups, tables, answers)
    from sklearn.metrics import f1_score, log_loss

    for run, result in zip(chosen, results, strict=True):
        found = answers[run.run_id]
        assert result.accuracy.value == pytest.approx(run.test_accuracy)
        assert result.f1 == pytest.approx(f1_score(found.labels, found.probabilities.argmax(axis=1), average="macro"))
        exact = found.probabilities.astype(float)
        exact /= exact.sum(axis=1, keepdims=True)
        assert result.loss == pytest.approx(log_loss(found.labels, exact), abs=1e-3)
        assert result.to_common <= result.seconds
    common = run_comparison.find_common_best(list(tables.values()))
    assert common == min(table.history["val_accuracy"].max() for table in tables.values())
    table = run_comparison.tabulate_results(results, {name: name for name in SHIPPED}, groups)
    assert table["run"].tolist() == list(SHIPPED)
    assert table["accuracy"].tolist() == [result.accuracy.value for result in results]


def test_the_time_to_an_accuracy():
    table = tabulate(HEIGHTS)
    assert find_seconds_to(table, 0.7) == 4
    assert find_seconds_to(table, 0.75) == 6
    assert find_seconds_to(table, 0.95) is None


def test_the_seeds_of_a_recipe_have_a_line_of_their_own(make_run, answer):
    seeds = [make_run(seed=seed) for seed in range(2)]
    answer(seeds[0], range(60_000, 60_010), wrong=[60_000])
    answer(seeds[1], range(60_000, 60_010), wrong=[60_000, 60_001, 60_002])
    groups = run_comparison.group_runs(seeds)
    tables = {run.run_id: tabulate(HEIGHTS) for run in seeds}
    answers = {run.run_id: run_data.load_evaluation(run) for run in seeds}
    results = run_comparison.compute_results(groups, tables, answers)
    spread = compute_spreads(results, "accuracy")[groups[0].name]
    assert (spread.mean, spread.seeds) == (pytest.approx(0.8), 2)
    assert spread.deviation == pytest.approx(0.2 / np.sqrt(2))
    table = run_comparison.tabulate_results(results, {run.run_id: str(run.config.seed) for run in seeds}, groups)
    assert table["run"].tolist() == ["mean: model-3 · 2 seeds", "0", "1"]
    assert table["accuracy"].tolist() == pytest.approx([0.8, 0.9, 0.7])
    assert table["deviation"].tolist()[0] == pytest.approx(0.2 / np.sqrt(2))
    assert np.isnan(table["low"][0])
    assert not np.isnan(table["low"][1])


def test_an_untested_run_has_no_accuracy(make_run):
    run = make_run()
    (result,) = run_comparison.compute_results(run_comparison.group_runs([run]), {run.run_id: tabulate([])}, {})
    assert (result.accuracy, result.loss, result.to_mark, result.to_common, result.seconds) == (None,) * 5


def test_only_items_that_all_share_and_none_was_trained_on_count(make_run, answer, dataset):
    split = choose_items(TrainingConfig(split="threads"), dataset.labels)
    tested, trained = split.test[split.test >= 60_000][:3], split.train[split.train >= 60_000][:2]
    one = answer(make_run(), [*tested, *trained])
    two = answer(make_run(split="threads"), [*tested, *trained])
    three = answer(make_run(seed=4), [*tested[:2], *trained, 69_999])
    found = run_comparison.load_answers([one, two, three], dataset.labels)
    assert np.flatnonzero(found.find_shared([0, 1])).tolist() == sorted(tested)
    assert np.flatnonzero(found.find_shared([0, 1, 2])).tolist() == sorted(tested[:2])


def test_classes_are_scored_on_shared_items(dataset):
    from sklearn.metrics import precision_recall_fscore_support

    chosen = [runs.load_run(name) for name in SHIPPED]
    answers = run_comparison.load_answers(chosen, dataset.labels)
    shared = answers.find_shared([0, 1, 2])
    for place, score in enumerate(("precision", "recall", "f1")):
        table = run_comparison.score_classes(answers, run_comparison.group_runs(chosen), score)
        assert table.items == shared.sum() > 1000
        for row, run in enumerate(chosen):
            found = run_data.load_evaluation(run)
            mine = shared[found.items]
            expected = precision_recall_fscore_support(
                found.labels[mine], found.probabilities[mine].argmax(axis=1), labels=range(10)
            )[place]
            assert table.values[row] == pytest.approx(expected)
        order = run_comparison.order_classes(table, "difference")
        gaps = np.ptp(table.values, axis=0)[order]
        assert (np.diff(gaps) <= 0).all()
        assert run_comparison.order_classes(table, "classes") == list(range(10))


def test_classes_of_several_seeds_are_averaged(make_run, answer, dataset):
    items = [int(np.flatnonzero(dataset.labels[60_000:] == 3)[place]) + 60_000 for place in range(4)]
    seeds = [answer(make_run(seed=0), items, wrong=items[:1]), answer(make_run(seed=1), items, wrong=items[:3])]
    answers = run_comparison.load_answers(seeds, dataset.labels)
    table = run_comparison.score_classes(answers, run_comparison.group_runs(seeds), "recall")
    assert (table.values[0, 3], table.low[0, 3], table.high[0, 3]) == (0.5, 0.25, 0.75)


def test_nothing_in_common_is_refused(make_run, answer, dataset):
    pair = [answer(make_run(), [60_000]), answer(make_run(seed=1), [60_001])]
    answers = run_comparison.load_answers(pair, dataset.labels)
    with pytest.raises(InvalidSettingError, match="some of the same items to be compared by class"):
        run_comparison.score_classes(answers, run_comparison.group_runs(pair, pooled=False), "recall")
    assert run_comparison.judge_pairs(answers) == []


def test_pairs_agree_with_the_comparison_of_two(dataset):
    from fmnist_core.comparing import compare_runs

    chosen = [runs.load_run(name) for name in SHIPPED]
    for found in run_comparison.judge_pairs(run_comparison.load_answers(chosen, dataset.labels)):
        pair = compare_runs(chosen[found.first], chosen[found.second], dataset.labels).comparison
        assert (found.items, found.only_first, found.only_second) == (
            pair.items,
            len(pair.only_first),
            len(pair.only_second),
        )
        assert found.difference == pytest.approx(pair.difference.value)


def test_recipes_are_judged_by_their_seeds(make_run, answer, dataset):
    items = range(60_000, 60_100)
    good = [answer(make_run(seed=seed), items, wrong=range(60_000, 60_002 + seed)) for seed in range(3)]
    bad = [answer(make_run(batch_size=64, seed=seed), items, wrong=range(60_000, 60_020 + seed)) for seed in range(2)]
    single = answer(make_run(batch_size=128), [60_500])
    chosen = [single, *good, *bad]
    groups = run_comparison.group_runs(chosen)
    (found,) = run_comparison.judge_recipes(run_comparison.load_answers(chosen, dataset.labels), groups)
    assert (found.first, found.second, found.seeds) == (1, 2, (3, 2))
    expected = stats.ttest_ind([0.98, 0.97, 0.96], [0.8, 0.79], equal_var=False).pvalue
    assert found.welch == pytest.approx(expected)
    assert found.permutation == pytest.approx(0.1)


def test_one_seed_says_nothing_of_a_recipe(make_run, answer, dataset):
    pair = [answer(make_run(), [60_000]), answer(make_run(batch_size=64), [60_000])]
    answers = run_comparison.load_answers(pair, dataset.labels)
    assert run_comparison.judge_recipes(answers, run_comparison.group_runs(pair)) == []


def test_curves_are_one_table_with_what_they_cost(make_run):
    one, two = make_run(layers=(Layer("Flatten", {}),)), make_run(seed=7)
    tables = {one.run_id: tabulate([0.5, 0.7]), two.run_id: tabulate([0.6])}
    table = run_comparison.tabulate_curves([one, two], tables)
    assert list(table.columns[:4]) == ["run_id", "recipe", "seed", "epoch"]
    assert table["run_id"].tolist() == [one.run_id, one.run_id, two.run_id]
    assert table["seed"].tolist() == [0, 0, 7]
    assert table["seconds_so_far"].tolist() == [2, 4, 2]
    assert table["operations_so_far"].tolist()[:2] == [3 * 7840 * 1000, 6 * 7840 * 1000]
