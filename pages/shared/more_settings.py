"""The settings of a training that a first visitor can do without, in groups, each with a line of help."""

import contextlib
from typing import Any

import streamlit as st

from fmnist_core.config import CLASS_WEIGHTS, LOSSES, MIXED_PRECISION, OPTIMIZERS, SCHEDULES, TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.figures.training import plot_schedule
from fmnist_core.schedules import sample_rates
from fmnist_core.splits import SPLITS
from pages.shared import image_settings
from pages.shared.number_inputs import Number, edit_numbers
from pages.shared.widgets import select

_STEPS = 100  # an epoch, enough for a smooth line
_OPTIMIZER_TITLES = {
    "adam": "Adam",
    "nadam": "Nadam",
    "adamw": "AdamW",
    "adamax": "Adamax",
    "rmsprop": "RMSprop",
    "sgd": "SGD",
    "sgd-nesterov": "SGD + Nesterov momentum",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
}
if set(_OPTIMIZER_TITLES) != set(OPTIMIZERS):
    raise ValueError("Every optimizer needs a title.")

_DRAWING = {
    "seed": Number("Seed", "Same seed, same machine: same curve."),
    "folds": Number(
        "Folds",
        "Into how many parts the official training items are cut, for cross-validation: one validates, the others "
        "are trained on.",
        empty="none",
    ),
}
_FOLD = {"fold": Number("Fold that validates", "From 0. Search trains them all, one after the other.")}
_STOPPING = {
    "early_stopping": Number(
        "Stop early after",
        "Epochs without a better validation accuracy after which training ends and goes back to the best one.",
        empty="never",
    ),
    "reduce_on_plateau": Number(
        "Halve the rate after",
        "Epochs without a better validation accuracy after which the learning rate is halved.",
        empty="never",
    ),
    "steps_per_epoch": Number(
        "Batches an epoch", "How many batches make an epoch; the next one goes on where it ended.", empty="all items"
    ),
}
_OPTIMIZING = {
    "warmup_epochs": Number("Warm-up epochs", "Over how many epochs the learning rate first rises from 0.", 0.5),
    "momentum": Number("Momentum", "How much of the last step the next one repeats.", 0.05, empty="its own"),
    "weight_decay": Number("Weight decay", "What each step takes away from every weight.", 0.0001, empty="its own"),
    "ema": Number("Averaging", "Judge and keep a moving average of the weights; 0.998 is usual, 0 is none.", 0.001),
}
_SMOOTHING = Number("Label smoothing", "Share of each label that is spread over all classes; makes it less sure.", 0.05)


def edit_more(start: TrainingConfig, settings: dict[str, Any]) -> dict[str, Any]:
    """Show the settings in groups and return `settings` with what the user made of them.

    Args:
        start: what the inputs are filled in with.
        settings: all settings, with what the user has chosen elsewhere.
    """
    # Told of a change of tabs, as the pictures of the last one have to wait for Keras once.
    tabs = st.tabs(["Items", "Rate", "Loss", "Images"], key="setting group", on_change="rerun")
    items, rate, loss, images = tabs
    with items:
        settings |= edit_items(start)
        settings |= edit_numbers(start, _STOPPING)
    with rate:
        settings |= _edit_rate(start)
        _draw_schedule(settings)
    with loss:
        settings |= _edit_loss(start)
    with images:
        settings |= image_settings.edit_augmentation(start)
        if images.open:
            image_settings.show_augmented(settings)
    return settings


def edit_items(start: TrainingConfig) -> dict[str, Any]:
    """Show the split, its folds and the seed, which every training has."""
    titles = {name: kind.title for name, kind in SPLITS.items()}
    help_text = "Which items are trained on, which validate and which test."
    settings: dict[str, Any] = {"split": select("Split", titles, default=start.split, key="split", help=help_text)}
    validation = st.container()
    settings |= edit_numbers(start, _DRAWING)
    cut = settings["folds"] is not None
    settings |= edit_numbers(start, _FOLD) if cut else {"fold": 0}
    settings["validation_split"] = validation.number_input(
        "Validation split",
        value=float(start.validation_split),
        step=0.05,
        format="%.3g",
        key="validation_split",
        disabled=cut or not SPLITS[settings["split"]].takes_validation_split,
        help="Part of the training items that is held out to check on progress; folds and the papers' splits fix it.",
        bind="query-params",
    )
    return settings


def _edit_rate(start: TrainingConfig) -> dict[str, Any]:
    help_text = "The rule that turns errors into corrections."
    settings: dict[str, Any] = {
        "optimizer": select("Optimizer", _OPTIMIZER_TITLES, default=start.optimizer, key="optimizer", help=help_text),
        "schedule": select(
            "Schedule", SCHEDULES, default=start.schedule, key="schedule", help="How the learning rate changes."
        ),
    }
    settings |= edit_numbers(start, _OPTIMIZING)
    settings["mixed_precision"] = select(
        "Shorter numbers",
        MIXED_PRECISION,
        default=start.mixed_precision,
        key="mixed_precision",
        help="Compute in bfloat16, mixed with float32: up to twice as fast on hardware for it, a bit less exact.",
    )
    return settings


def _edit_loss(start: TrainingConfig) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "loss": select("Loss", LOSSES, default=start.loss, key="loss", help="What an error costs."),
        "class_weights": select(
            "Weights", CLASS_WEIGHTS, default=start.class_weights, key="class_weights", help="What items count."
        ),
    }
    return settings | edit_numbers(start, {"label_smoothing": _SMOOTHING})


def _draw_schedule(settings: dict[str, Any]) -> None:
    """Draw the learning rate over the epochs, unless it stays as it is."""
    with contextlib.suppress(InvalidSettingError):  # the page says so below
        config = TrainingConfig().with_settings(
            **{name: settings[name] for name in ("epochs", "learning_rate", "schedule", "warmup_epochs")}
        )
        if config.schedule != "constant" or config.warmup_epochs:
            figure = plot_schedule(*sample_rates(config, _STEPS), config.epochs)
            st.plotly_chart(figure, key="schedule picture", config={"displayModeBar": False})
