import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.search.parameters import MOST_VALUES, VARIABLES, Parameter

# They decide what is measured, not how well: trials that differ in them cannot be compared.
NOT_VARIED = {"architecture", "layers", "split", "validation_split", "folds", "fold"}
OF_NETWORKS = {"recipe", "kernel_size", "width", "dropout"}


def test_every_setting_can_vary_but_those_that_change_what_is_measured():
    assert set(VARIABLES) - OF_NETWORKS == {entry.name for entry in fields(TrainingConfig)} - NOT_VARIED


@pytest.mark.parametrize("name", [name for name in VARIABLES if name != "recipe"])
def test_the_usual_range_is_a_valid_one(name):
    parameter = Parameter.usual(name)
    assert parameter.grid[0] == parameter.ends[0]
    assert parameter.grid[-1] == parameter.ends[-1]
    assert Parameter.from_dict(parameter.to_dict()) == parameter


@pytest.mark.parametrize(
    ("settings", "grid"),
    [
        ({"name": "dropout", "kind": "float", "low": 0.1, "high": 0.5, "step": 0.1}, (0.1, 0.2, 0.3, 0.4, 0.5)),
        ({"name": "dropout", "kind": "float", "low": 0.0, "high": 0.5, "step": 0.2}, (0.0, 0.2, 0.4)),
        ({"name": "learning_rate", "kind": "float", "low": 1e-4, "high": 1, "log": True}, (1e-4, 1e-3, 1e-2, 0.1, 1)),
        ({"name": "kernel_size", "kind": "int", "low": 2, "high": 5}, (2, 3, 4, 5)),
        ({"name": "shift", "kind": "int", "low": 0, "high": 8}, (0, 2, 4, 6, 8)),
        ({"name": "batch_size", "kind": "int", "low": 16, "high": 256, "log": True}, (16, 32, 64, 128, 256)),
        ({"name": "batch_size", "kind": "int", "values": (64, 16)}, (16, 64)),
        ({"name": "epochs", "kind": "int", "low": 3, "high": 3}, (3,)),
        ({"name": "batch_size", "kind": "choice", "choices": (64, 16)}, (64, 16)),
        ({"name": "optimizer", "kind": "choice", "choices": ("sgd", "adam")}, ("sgd", "adam")),
    ],
)
def test_a_grid_takes_these_values(settings, grid):
    parameter = Parameter(**settings)
    assert parameter.grid == pytest.approx(grid) if parameter.kind == "float" else parameter.grid == grid
    assert [type(value) for value in parameter.grid] == [
        {"float": float, "int": int, "choice": type(value)}[parameter.kind] for value in grid
    ]


@given(
    st.sampled_from(["float", "int"]),
    st.integers(1, 1000),
    st.integers(0, 1000),
    st.booleans(),
    st.none() | st.integers(1, 1000),
)
def test_a_grid_lies_within_its_range_in_ascending_order(kind, low, length, log, step):
    name = {"float": "learning_rate", "int": "subset"}[kind]
    settings = {"low": low / 7 if kind == "float" else low, "high": low + length, "log": log, "step": step}
    try:
        parameter = Parameter(name, kind, **settings)
    except InvalidSettingError:
        wrong = step is not None and (log or step > parameter_length(settings) or too_many(settings))
        assert wrong
        return
    grid = parameter.grid
    assert parameter.low <= grid[0] <= grid[-1] <= parameter.high
    assert list(grid) == sorted(set(grid))
    assert len(grid) <= MOST_VALUES
    assert parameter.ends[0] == grid[0]


def parameter_length(settings):
    return settings["high"] - settings["low"]


def too_many(settings):
    return parameter_length(settings) / settings["step"] >= MOST_VALUES


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"name": "split", "kind": "choice", "choices": ("mcnn",)}, "`parameter` must be one of learning_rate"),
        ({"name": "optimizer", "kind": "float", "low": 0, "high": 1}, "kind of optimizer"),
        ({"name": "batch_size", "kind": "float", "low": 0, "high": 1}, "must be one of int, choice"),
        ({"name": "optimizer", "kind": "choice"}, "`optimizer` must have 1 to 100 choices. Received: 0."),
        ({"name": "optimizer", "kind": "choice", "choices": ("adam", "fast")}, "`optimizer` must be one of adam"),
        ({"name": "optimizer", "kind": "choice", "choices": ("adam", "adam")}, "must all be different"),
        ({"name": "flip", "kind": "choice", "choices": (0, 1)}, "`flip` must be one of False, True. Received: 0."),
        ({"name": "momentum", "kind": "choice", "choices": ([1],)}, "must be a word or a number"),
        ({"name": "momentum", "kind": "choice", "choices": (0.1,), "low": 0}, "either choices or a range"),
        ({"name": "momentum", "kind": "float", "low": 0, "high": 1, "choices": (0.1,)}, "either choices or a range"),
        ({"name": "momentum", "kind": "float", "low": 0}, "`high` of momentum must be a number. Received: None."),
        ({"name": "momentum", "kind": "float", "low": 0, "high": math.inf}, "must be a number. Received: inf."),
        ({"name": "momentum", "kind": "float", "low": 0.9, "high": 0.1}, "must begin below its end"),
        ({"name": "momentum", "kind": "float", "low": 0, "high": 0.9, "log": True}, "must begin above 0"),
        ({"name": "momentum", "kind": "float", "low": 0.1, "high": 0.9, "log": 1}, "must be true or false"),
        ({"name": "ema", "kind": "float", "low": 0.1, "high": 1, "log": True, "step": 0.1}, "must have no step"),
        ({"name": "momentum", "kind": "float", "low": 0, "high": 0.5, "step": 0.6}, "at most the length"),
        ({"name": "momentum", "kind": "float", "low": 0, "high": 0.5, "step": 0.001}, "at most 100 values"),
        ({"name": "shift", "kind": "int", "low": 0.5, "high": 4}, "must be a whole number. Received: 0.5."),
        ({"name": "shift", "kind": "int", "low": 0, "high": 4, "step": 0.5}, "must be a whole number above 0"),
        ({"name": "shift", "kind": "int", "values": (1, 2.5)}, "`high` of shift must be a whole number"),
        ({"name": "shift", "kind": "int", "low": 0, "high": 4, "values": (1, 5)}, "must lie from 0 to 4. Received: 5."),
        ({"name": "shift", "kind": "int", "low": 0, "high": 4, "values": (1, 2.5, 3)}, "must be whole numbers"),
    ],
)
def test_what_cannot_vary_is_refused_with_the_rule(settings, complaint):
    with pytest.raises(InvalidSettingError) as refused:
        Parameter(**settings)
    assert complaint in str(refused.value)


def test_there_are_no_usual_recipes():
    with pytest.raises(InvalidSettingError, match="`recipe` must have 1 to 100 choices"):
        Parameter.usual("recipe")
