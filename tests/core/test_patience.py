import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.patience import count_reductions, find_best


@pytest.mark.parametrize(
    ("accuracies", "patience", "reductions"),
    [
        ([], 1, 0),
        ([0.5, 0.6, 0.7], 1, 0),
        ([0.5, 0.5], 1, 1),
        ([0.5, 0.50005], 1, 1),
        ([0.5, 0.4, 0.4], 2, 1),
        ([0.5, 0.4, 0.6, 0.4], 2, 0),
        ([0.5, 0.4, 0.4, 0.4, 0.4], 2, 2),
    ],
)
def test_a_rate_is_halved_each_time_that_patience_ends(accuracies, patience, reductions):
    assert count_reductions(accuracies, patience) == reductions


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 5))
def test_reductions_are_those_of_keras(percent, patience):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0))
    callback = keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", mode="max", factor=0.5, patience=patience)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, share in enumerate(percent):
        callback.on_epoch_end(epoch, {"val_accuracy": share / 100})
    expected = round(-np.log2(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))))
    assert count_reductions([share / 100 for share in percent], patience) == expected


def test_the_best_is_the_first_of_the_highest():
    assert find_best([0.3, 0.8, 0.5, 0.8]) == 1
