import json
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fmnist_core.architectures import ARCHITECTURES, summarize
from fmnist_core.baselines import BASELINES
from fmnist_core.config import CLASS_WEIGHTS, OPTIMIZERS, TrainingConfig, choose_items
from fmnist_core.errors import InvalidSettingError
from fmnist_core.splits import SPLITS, make_fold
from fmnist_core.stacks import STACKS, Layer

KNOWN = (*ARCHITECTURES, *BASELINES)
# Stand in for the real labels: 6,000 and then 1,000 of each class.
LABELS = np.concatenate([np.tile(np.arange(10, dtype=np.uint8), n) for n in (6_000, 1_000)])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"architecture": "vgg"}, f"`architecture` must be one of {', '.join(KNOWN)}. Received: vgg."),
        ({"architecture": ["threads/ann"]}, "`architecture` must be one of .* Received: ['threads/ann']."),
        ({"optimizer": "lion"}, f"`optimizer` must be one of {', '.join(OPTIMIZERS)}. Received: lion."),
        ({"optimizer": [1]}, "`optimizer` must be one of .* Received: [1]."),
        ({"optimizer": None}, "`optimizer` must be one of .* Received: None."),
        ({"split": "half"}, f"`split` must be one of {', '.join(SPLITS)}. Received: half."),
        ({"split": {}}, "`split` must be one of .* Received: {}."),
        ({"epochs": 0}, "`epochs` must be a whole number from 1 to 1000. Received: 0."),
        ({"epochs": 1_001}, "`epochs` must be a whole number from 1 to 1000. Received: 1001."),
        ({"epochs": 2.0}, "`epochs` must be a whole number from 1 to 1000. Received: 2.0."),
        ({"epochs": True}, "`epochs` must be a whole number from 1 to 1000. Received: True."),
        ({"epochs": "3"}, "`epochs` must be a whole number from 1 to 1000. Received: 3."),
        ({"epochs": None}, "`epochs` must be a whole number from 1 to 1000. Received: None."),
        ({"batch_size": 0}, "`batch_size` must be a whole number from 1 to 8192. Received: 0."),
        ({"batch_size": 8_193}, "`batch_size` must be a whole number from 1 to 8192. Received: 8193."),
        ({"seed": -1}, "`seed` must be a whole number from 0 to 2147483647. Received: -1."),
        ({"seed": 2**31}, "`seed` must be a whole number from 0 to 2147483647. Received: 2147483648."),
        ({"subset": 0}, "`subset` must be a whole number from 1 to 70000. Received: 0."),
        ({"early_stopping": 0}, "`early_stopping` must be a whole number from 1 to 70000. Received: 0."),
        ({"reduce_on_plateau": -3}, "`reduce_on_plateau` must be a whole number from 1 to 70000. Received: -3."),
        ({"learning_rate": 0}, "`learning_rate` must be above 0 and at most 10. Received: 0."),
        ({"learning_rate": 10.5}, "`learning_rate` must be above 0 and at most 10. Received: 10.5."),
        ({"learning_rate": float("nan")}, "`learning_rate` must be above 0 and at most 10. Received: nan."),
        ({"learning_rate": "fast"}, "`learning_rate` must be above 0 and at most 10. Received: fast."),
        ({"learning_rate": None}, "`learning_rate` must be above 0 and at most 10. Received: None."),
        ({"validation_split": 1}, "`validation_split` must be at least 0 and less than 1. Received: 1."),
        ({"validation_split": -0.1}, "`validation_split` must be at least 0 and less than 1. Received: -0.1."),
        ({"validation_split": float("nan")}, "`validation_split` must be at least 0 and less than 1. Received: nan."),
        ({"patience": 2}, "`setting` must be one of architecture, epochs, .* Received: patience."),
        ({"steps_per_epoch": 0}, "`steps_per_epoch` must be a whole number from 1 to 100000. Received: 0."),
        (
            {"steps_per_epoch": 10_000, "batch_size": 1_024},
            "`steps_per_epoch` times `batch_size` must be at most 7,000,000 items. Received: 10,000 times 1,024.",
        ),
        ({"loss": "hinge"}, "`loss` must be one of cross-entropy, mse. Received: hinge."),
        ({"schedule": None}, "`schedule` must be one of constant, step, cosine, one-cycle. Received: None."),
        ({"class_weights": True}, "`class_weights` must be one of none, balanced. Received: True."),
        ({"flip": 1}, "`flip` must be true or false. Received: 1."),
        ({"mixed_precision": "half"}, "`mixed_precision` must be one of auto, on, off. Received: half."),
        ({"label_smoothing": 1}, "`label_smoothing` must be a number from 0 to 0.99. Received: 1."),
        ({"warmup_epochs": -1}, "`warmup_epochs` must be a number from 0 to 1000. Received: -1."),
        ({"weight_decay": 1.5}, "`weight_decay` must be a number from 0 to 1. Received: 1.5."),
        ({"momentum": 1, "optimizer": "sgd"}, "`momentum` must be a number from 0 to 0.999. Received: 1."),
        ({"ema": 1.0}, "`ema` must be a number from 0 to 0.9999. Received: 1.0."),
        ({"shift": 9}, "`shift` must be a whole number from 0 to 8. Received: 9."),
        ({"shift": 1.5}, "`shift` must be a whole number from 0 to 8. Received: 1.5."),
        ({"rotate": 46}, "`rotate` must be a number from 0 to 45. Received: 46."),
        ({"zoom": 0.6}, "`zoom` must be a number from 0 to 0.5. Received: 0.6."),
        ({"shear": True}, "`shear` must be a number from 0 to 0.5. Received: True."),
        ({"contrast": 1}, "`contrast` must be a number from 0 to 0.9. Received: 1."),
        ({"erase": 2}, "`erase` must be a number from 0 to 1. Received: 2."),
        ({"cutmix": "half"}, "`cutmix` must be a number from 0 to 1. Received: half."),
        (
            {"reduce_on_plateau": 2, "schedule": "cosine"},
            "`reduce_on_plateau` sets the learning rate by itself, so `schedule` must be constant and "
            "`warmup_epochs` 0. Received: cosine and 0.0.",
        ),
        (
            {"reduce_on_plateau": 2, "warmup_epochs": 1},
            "`reduce_on_plateau` sets the learning rate by itself, so `schedule` must be constant and "
            "`warmup_epochs` 0. Received: constant and 1.",
        ),
        (
            {"schedule": "one-cycle", "warmup_epochs": 0.5},
            "The one-cycle `schedule` warms up by itself, so `warmup_epochs` must be 0. Received: 0.5.",
        ),
        (
            {"loss": "mse", "label_smoothing": 0.1},
            "`label_smoothing` must be 0 unless `loss` is cross-entropy. Received: 0.1.",
        ),
        (
            {"momentum": 0.9},
            "`momentum` must be left out unless `optimizer` is one of sgd, sgd-nesterov, rmsprop. "
            "Received: 0.9 with adam.",
        ),
        (
            {"split": "mcnn", "folds": 5},
            "`folds` cuts the official training items, so `split` must be official. Received: mcnn.",
        ),
        ({"fold": 1}, "`fold` must be 0 unless `folds` says how many there are. Received: 1."),
        ({"fold": False}, "`fold` must be 0 unless `folds` says how many there are. Received: False."),
        ({"folds": 1}, "`folds` must be a whole number from 2 to 20. Received: 1."),
        ({"folds": 21}, "`folds` must be a whole number from 2 to 20. Received: 21."),
        ({"folds": 5, "fold": 5}, "`fold` must be a whole number from 0 to 4. Received: 5."),
        ({"folds": 5, "fold": None}, "`fold` must be a whole number from 0 to 4. Received: None."),
        (
            {"validation_split": 0, "early_stopping": 2},
            "`early_stopping` and `reduce_on_plateau` watch val_accuracy, so `validation_split` must be above 0. "
            "Received: 0.",
        ),
    ],
)
def test_a_setting_that_breaks_its_rule_is_refused_by_rule_and_value(settings, message):
    for making in (TrainingConfig.from_dict, lambda changes: TrainingConfig().with_settings(**changes)):
        with pytest.raises(InvalidSettingError) as refusal:
            making(settings)
        start, _, end = message.partition(".*")
        assert str(refusal.value).startswith(start)
        assert str(refusal.value).endswith(end or message)


@pytest.mark.parametrize(
    "settings",
    [
        {"epochs": 1, "batch_size": 1, "learning_rate": 1e-9, "validation_split": 0, "subset": 1, "seed": 0},
        {"epochs": 1_000, "batch_size": 8_192, "learning_rate": 10, "validation_split": 0.999, "seed": 2**31 - 1},
        {"subset": 70_000, "early_stopping": 1, "reduce_on_plateau": 1},
        {"flip": True, "shift": 8, "rotate": 45, "zoom": 0.5, "shear": 0.5, "contrast": 0.9, "erase": 1, "cutmix": 1},
        {"optimizer": "sgd", "momentum": 0, "weight_decay": 0, "ema": 0.9999, "label_smoothing": 0.99},
        {"steps_per_epoch": 100_000, "warmup_epochs": 1_000, "class_weights": "balanced", "mixed_precision": "on"},
    ],
)
def test_the_ends_of_every_range_are_allowed(settings):
    assert {name: TrainingConfig(**settings).to_dict()[name] for name in settings} == settings


VALID = st.fixed_dictionaries(
    {},
    optional={
        "architecture": st.sampled_from(list(ARCHITECTURES)),
        "epochs": st.integers(1, 1_000),
        "batch_size": st.integers(1, 8_192),
        "learning_rate": st.floats(0, 10, exclude_min=True),
        "optimizer": st.sampled_from(list(OPTIMIZERS)),
        "split": st.sampled_from(list(SPLITS)),
        "validation_split": st.floats(0, 1, exclude_min=True, exclude_max=True),
        "subset": st.none() | st.integers(1, 70_000),
        "seed": st.integers(0, 2**31 - 1),
        "early_stopping": st.none() | st.integers(1, 100),
        "reduce_on_plateau": st.none() | st.integers(1, 100),
        "steps_per_epoch": st.none() | st.integers(1, 800),
        "label_smoothing": st.floats(0, 0.99),
        "weight_decay": st.none() | st.floats(0, 1),
        "ema": st.floats(0, 0.9999),
        "class_weights": st.sampled_from(list(CLASS_WEIGHTS)),
        "flip": st.booleans(),
        "shift": st.integers(0, 8),
        "rotate": st.floats(0, 45),
        "cutmix": st.floats(0, 1),
        "enlarge": st.integers(1, 2),
        # As a run's file has them: settings that are read again have tuples where a network may have lists.
        "layers": st.none()
        | st.sampled_from([TrainingConfig(layers=s).with_settings().layers for s in STACKS.values()]),
    },
)


@given(VALID)
def test_settings_survive_json(settings):
    config = TrainingConfig.from_dict(settings)
    again = TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config
    settings.pop("layers", None)
    assert {name: config.to_dict()[name] for name in settings} == settings


OWN = (Layer("Conv2D", {"filters": 2, "kernel_size": (3, 3)}), Layer("Flatten"))


def test_layers_of_ones_own_take_the_place_of_the_named_ones():
    assert TrainingConfig("threads/ann").stack == STACKS["threads/ann"]
    config = TrainingConfig.from_dict(
        {"layers": json.loads(json.dumps(TrainingConfig(layers=OWN).to_dict()["layers"]))}
    )
    assert config.stack == OWN


def test_runs_of_earlier_versions_said_true_or_false_of_mixed_precision():
    assert TrainingConfig.from_dict({"mixed_precision": True}).mixed_precision == "on"
    assert TrainingConfig.from_dict({"mixed_precision": False}).mixed_precision == "off"


def test_enlarging_comes_before_the_first_layer_and_shows_in_the_shapes():
    config = TrainingConfig("threads/model-3", enlarge=2)
    assert config.stack[1:] == STACKS["threads/model-3"]
    assert [summary.output_shape for summary in summarize(config.stack)][:3] == [(28, 28, 1), (56, 56, 1), (53, 53, 32)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": "Dense(3)"}, "`layers` must be a list of at most 200 layers. Received: 'Dense(3)'."),
        ({"layers": [{"class_name": "Flatten"}]}, "A layer must have a `class_name` and `arguments`, no more."),
        (
            {"layers": [{"class_name": 1, "arguments": {}}]},
            "A layer must have a `class_name` and `arguments`, no more.",
        ),
        ({"layers": [{"class_name": "Lambda", "arguments": {}}]}, "Layer 1, Lambda(): must be of a known kind."),
        ({"layers": []}, "needs a flat layer before it"),
        ({"layers": [{"class_name": "Flatten", "arguments": {}}] * 201}, "`layers` must be a list of at most 200"),
        ({"enlarge": 5}, "`enlarge` must be a whole number from 1 to 4. Received: 5."),
    ],
)
def test_impossible_networks_are_refused(settings, message):
    with pytest.raises(InvalidSettingError) as caught:
        TrainingConfig.from_dict(settings)
    assert message in str(caught.value)


@given(VALID, VALID)
def test_changed_settings_are_changed_and_the_others_stay(settings, changes):
    assert TrainingConfig(**settings).with_settings(**changes) == TrainingConfig(**settings | changes)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab1. ", max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=2),
    max_leaves=3,
)


@given(st.sampled_from([entry.name for entry in fields(TrainingConfig)]), ANY_JSON)
def test_whatever_stands_for_a_setting_is_taken_as_it_is_or_refused(name, value):
    # Runs of earlier versions have true or false there, which is translated.
    assume(name != "mixed_precision" or not isinstance(value, bool))
    # Any other exception than a refusal lets the test fail.
    with suppress(InvalidSettingError):
        assert TrainingConfig.from_dict({name: value}).to_dict()[name] is value


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(FrozenInstanceError):
        TrainingConfig().epochs = 0


@pytest.mark.parametrize(
    ("split", "validation_split", "validates"),
    [("official", 0.1, True), ("official", 0, False), ("threads", 0, True), ("mcnn", 0, True), ("silwimba", 0, True)],
)
def test_the_papers_splits_validate_whatever_is_asked(split, validation_split, validates):
    config = TrainingConfig(split=split, validation_split=validation_split)
    assert config.validates is validates
    assert (len(choose_items(config, LABELS).validation) > 0) is validates


def test_all_training_items_are_used_unless_a_subset_is_asked_for():
    split = choose_items(TrainingConfig(validation_split=0.25), LABELS)
    np.testing.assert_array_equal(split.train, np.arange(45_000))
    np.testing.assert_array_equal(split.validation, np.arange(45_000, 60_000))
    np.testing.assert_array_equal(split.test, np.arange(60_000, 70_000))


@pytest.mark.parametrize("split", SPLITS)
def test_a_subset_is_balanced_depends_on_the_seed_and_leaves_the_rest_alone(split):
    whole = choose_items(TrainingConfig(split=split), LABELS)
    first, same, other = (
        choose_items(TrainingConfig(split=split, subset=2_000, seed=seed), LABELS) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(np.bincount(LABELS[first.train]), [200] * 10)
    assert np.isin(first.train, whole.train).all()
    np.testing.assert_array_equal(first.train, same.train)
    assert not np.array_equal(first.train, other.train)
    np.testing.assert_array_equal(first.validation, whole.validation)
    np.testing.assert_array_equal(first.test, whole.test)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"subset": 54_001},
            "`subset` must be at most the 54,000 training items of this split. Received: 54,001.",
        ),
        (
            {"split": "threads", "subset": 42_001},
            "`subset` must be at most the 42,000 training items of this split. Received: 42,001.",
        ),
        (
            {"subset": 100, "batch_size": 101},
            "`batch_size` must be at most the number of training items, 100. Received: 101.",
        ),
        (
            {"validation_split": 0.9999},
            "`batch_size` must be at most the number of training items, 6. Received: 32.",
        ),
        (
            {"validation_split": 0.999999, "batch_size": 1},
            "`batch_size` must be at most the number of training items, 0. Received: 1.",
        ),
    ],
)
def test_more_items_than_there_are_is_refused_by_rule_and_value(settings, message):
    with pytest.raises(InvalidSettingError) as refusal:
        choose_items(TrainingConfig(**settings), LABELS)
    assert str(refusal.value) == message


def test_a_batch_may_hold_all_items():
    assert len(choose_items(TrainingConfig(subset=100, batch_size=100), LABELS).train) == 100


def test_settings_written_before_there_were_so_many_still_load():
    first = {"architecture": "threads/ann", "epochs": 3, "learning_rate": 0.01, "seed": 5}
    assert TrainingConfig.from_dict(first) == TrainingConfig("threads/ann", epochs=3, learning_rate=0.01, seed=5)


@pytest.mark.parametrize("validation_split", [0, 0.3])
def test_a_fold_validates_whatever_share_is_asked_for(validation_split):
    config = TrainingConfig(folds=5, fold=3, validation_split=validation_split, early_stopping=2)
    assert config.validates
    split = choose_items(config, LABELS)
    expected = make_fold(LABELS, 5, 3)
    for part, items in expected.parts().items():
        np.testing.assert_array_equal(split.parts()[part], items)
    assert (len(split.train), len(split.validation), len(split.test)) == (48_000, 12_000, 10_000)


def test_a_fold_is_the_same_with_every_seed_and_a_subset_takes_from_what_is_trained_on():
    config = TrainingConfig(folds=4, fold=0, subset=1_000)
    first, second = (choose_items(config.with_settings(seed=seed), LABELS) for seed in (0, 1))
    np.testing.assert_array_equal(first.validation, second.validation)
    assert not np.array_equal(first.train, second.train)
    np.testing.assert_array_equal(np.bincount(LABELS[first.train]), [100] * 10)
    assert not np.isin(first.train, first.validation).any()
    with pytest.raises(InvalidSettingError, match="`subset` must be at most the 45,000 training items"):
        choose_items(config.with_settings(subset=45_001), LABELS)


@pytest.mark.parametrize(
    ("settings", "items", "steps"),
    [
        ({}, 1_000, 32),
        ({"batch_size": 100}, 1_000, 10),
        ({"batch_size": 100, "steps_per_epoch": 3}, 300, 3),
        ({"batch_size": 100, "steps_per_epoch": 15}, 1_500, 15),
    ],
)
def test_an_epoch_is_all_items_once_unless_its_batches_are_counted(settings, items, steps):
    config = TrainingConfig(**settings)
    assert (config.count_items(1_000), config.count_steps(1_000)) == (items, steps)


# Classical classifiers


BASELINE = TrainingConfig("baselines/random-forest", epochs=1)


def test_a_classical_classifier_takes_the_items_and_the_seed():
    config = BASELINE.with_settings(split="mcnn", validation_split=0.2, subset=500, seed=3)
    assert config.is_baseline
    assert config.parameters == 0
    kept = {"architecture", "epochs", "split", "validation_split", "subset", "seed", "folds", "fold"}
    assert set(config.to_dict()) == kept
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert not TrainingConfig().is_baseline
    assert TrainingConfig().parameters == 165_866


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 64},
        {"learning_rate": 0.01},
        {"optimizer": "sgd"},
        {"early_stopping": 3},
        {"steps_per_epoch": 10},
        {"loss": "mse"},
        {"schedule": "cosine"},
        {"ema": 0.9},
        {"flip": True},
        {"shift": 1},
        {"enlarge": 2},
        {"layers": STACKS["threads/ann"]},
    ],
)
def test_what_has_no_meaning_for_it_is_refused(settings):
    (name,) = settings
    with pytest.raises(InvalidSettingError, match=f"`{name}` must be left out: a classical classifier takes only"):
        BASELINE.with_settings(**settings)


def test_it_is_fitted_once():
    with pytest.raises(InvalidSettingError, match=r"fitted once, so `epochs` must be 1\. Received: 10\."):
        TrainingConfig("baselines/random-forest")


def test_it_needs_some_items_of_each_class_and_knows_no_batches():
    assert len(choose_items(BASELINE.with_settings(subset=30), LABELS).train) == 30
    with pytest.raises(InvalidSettingError, match=r"at least 3 training items of each class\. Received: 2 of "):
        choose_items(BASELINE.with_settings(subset=29), LABELS)
