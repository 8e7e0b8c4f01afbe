"""The settings of a training that a first visitor can do without, in groups, each with a line of help."""

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.config import CLASS_WEIGHTS, LOSSES, MIXED_PRECISION, OPTIMIZERS, SCHEDULES, TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.figures.training import plot_schedule
from fmnist_core.schedules import sample_rates
from fmnist_core.splits import SPLITS
from pages.shared import cache, item_pictures
from pages.shared.widgets import select

_IN_URL = {"bind": "query-params"}
_STEPS = 100  # an epoch, enough for a smooth line
_SHOWN = 8
_DRAW = "augmented draw"
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


@dataclass(frozen=True)
class Number:
    """An input for a number: its label, its line of help, and how far a click moves it.

    Where `empty` is a text, the number may be left out, and the text says what that means.
    """

    label: str
    help: str
    step: float = 1
    empty: str | None = None


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
_ENLARGING = Number(
    "Enlarge images", "How many times higher and wider images are made first, 1 to 4; slower, but finer work."
)
_SMOOTHING = Number("Label smoothing", "Share of each label that is spread over all classes; makes it less sure.", 0.05)
_AUGMENTATION = {
    "shift": Number("Shift", "Move each image by up to so many pixels."),
    "rotate": Number("Rotate", "Turn it by up to so many degrees.", 5.0),
    "zoom": Number("Zoom", "Scale it by up to this share, larger or smaller.", 0.05),
    "shear": Number("Shear", "Slide its rows sideways by up to so many pixels a row.", 0.05),
    "contrast": Number("Contrast", "Make it brighter or darker by up to this share.", 0.05),
    "erase": Number("Erase", "Share of images in which a rectangle is painted over.", 0.1),
    "street": Number(
        "As photographed", "Share of images changed as photographs do: laid flat, spread out, in pairs.", 0.1
    ),
    "cutmix": Number("CutMix", "Share of batches in which images get a piece, and its label, of another.", 0.1),
}


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
        settings |= _edit_numbers(start, _STOPPING)
    with rate:
        settings |= _edit_rate(start)
        _draw_schedule(settings)
    with loss:
        settings |= _edit_loss(start)
    with images:
        settings |= _edit_augmentation(start)
        if images.open:
            _show_augmented(settings)
    return settings


def edit_items(start: TrainingConfig) -> dict[str, Any]:
    """Show the split, its folds and the seed, which every training has."""
    titles = {name: kind.title for name, kind in SPLITS.items()}
    help_text = "Which items are trained on, which validate and which test."
    settings: dict[str, Any] = {"split": select("Split", titles, default=start.split, key="split", help=help_text)}
    validation = st.container()
    settings |= _edit_numbers(start, _DRAWING)
    cut = settings["folds"] is not None
    settings |= _edit_numbers(start, _FOLD) if cut else {"fold": 0}
    settings["validation_split"] = validation.number_input(
        "Validation split",
        value=float(start.validation_split),
        step=0.05,
        format="%.3g",
        key="validation_split",
        disabled=cut or not SPLITS[settings["split"]].takes_validation_split,
        help="Part of the training items that is held out to check on progress; folds and the papers' splits fix it.",
        **_IN_URL,
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
    settings |= _edit_numbers(start, _OPTIMIZING)
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
    return settings | _edit_numbers(start, {"label_smoothing": _SMOOTHING})


def _edit_augmentation(start: TrainingConfig) -> dict[str, Any]:
    st.caption("Each image is changed a little, anew each time, so that the network cannot learn it by heart.")
    settings: dict[str, Any] = {
        "flip": st.toggle("Mirror half of them", start.flip, key="flip", **_IN_URL),
    }
    settings |= _edit_numbers(start, _AUGMENTATION)
    st.caption("All images, test items too:")
    return settings | _edit_numbers(start, {"enlarge": _ENLARGING})


def _draw_schedule(settings: dict[str, Any]) -> None:
    """Draw the learning rate over the epochs, unless it stays as it is."""
    with contextlib.suppress(InvalidSettingError):  # the page says so below
        config = TrainingConfig().with_settings(
            **{name: settings[name] for name in ("epochs", "learning_rate", "schedule", "warmup_epochs")}
        )
        if config.schedule != "constant" or config.warmup_epochs:
            figure = plot_schedule(*sample_rates(config, _STEPS), config.epochs)
            st.plotly_chart(figure, key="schedule picture", config={"displayModeBar": False})


def _show_augmented(settings: dict[str, Any]) -> None:
    """Show the first training items as the network will see them, if it will see them changed."""
    with contextlib.suppress(InvalidSettingError):
        config = TrainingConfig().with_settings(**{name: settings[name] for name in ("flip", *_AUGMENTATION)})
        if config == TrainingConfig():
            return
        st.button("Once more", key="once more", help="The same items, changed in another way.", on_click=_draw_anew)
        labels = cache.dataset().labels[:_SHOWN]
        item_pictures.grid(
            np.arange(_SHOWN),
            cache.augmented(config, _SHOWN, st.session_state.get(_DRAW, 0)),
            labels,
            key="augmented",
            label=f"{_SHOWN} training items as the network sees them",
            columns=4,
        )


def _draw_anew() -> None:
    st.session_state[_DRAW] = st.session_state.get(_DRAW, 0) + 1


def _edit_numbers(start: TrainingConfig, numbers: dict[str, Number]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    columns = st.columns(2)
    for position, (name, number) in enumerate(numbers.items()):
        value, is_whole = getattr(start, name), isinstance(number.step, int)
        # A table may write 2 for 2.0; Streamlit wants value and step of one kind.
        value = value if is_whole or value is None else float(value)
        if number.empty:
            preset(name, value)
            value = None
        settings[name] = columns[position % 2].number_input(
            number.label,
            value=value,
            step=number.step,
            format=None if is_whole else "%.5g",
            key=name,
            placeholder=number.empty,
            help=f"{number.help} Empty: {number.empty}." if number.empty else number.help,
            **_IN_URL,
        )
    return settings


def preset(name: str, value: float | None) -> None:
    """Fill an input once that the user may empty; its default has to be None, as any other would come back then.

    Args:
        name: its key, also in the URL, which wins.
        value: what to fill in.
    """
    if name not in st.session_state and name not in st.query_params:
        st.session_state[name] = value
