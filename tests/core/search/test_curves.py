from fmnist_core.search import Parameter, Search, SearchConfig, Trial
from fmnist_core.search.curves import tabulate_curves

CONFIG = SearchConfig("curves", "threads/ann", (Parameter("learning_rate", "float", 0.001, 0.01),))


def make_trial(number, state, accuracies):
    return Trial(number, state, max(accuracies.values(), default=None), {}, None, accuracies, None, None, None)


def test_there_is_a_row_for_each_trial_and_epoch_in_order():
    trials = (
        make_trial(0, "complete", {2: 0.8, 1: 0.7}),
        make_trial(1, "running", {}),
        make_trial(2, "pruned", {1: 0.3}),
        make_trial(3, "waiting", {}),
    )
    table = tabulate_curves(Search("curves", CONFIG, 0.0, trials))
    assert table.to_dict("list") == {"number": [0, 0, 2], "epoch": [1, 2, 1], "value": [0.7, 0.8, 0.3]}


def test_a_search_without_trials_has_an_empty_table():
    assert list(tabulate_curves(Search("curves", CONFIG, 0.0, ())).columns) == ["number", "epoch", "value"]
