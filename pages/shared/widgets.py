"""Inputs and outputs that more than one page shows, or that one page would drown in."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from fmnist_core import runs
from fmnist_core.config import OPTIMIZERS, TrainingConfig
from fmnist_core.recipes import Recipe, load_recipes
from fmnist_core.splits import SPLITS

_STATUS_COLORS = {
    runs.QUEUED: "gray",
    runs.RUNNING: "blue",
    runs.STOPPED: "orange",
    runs.FAILED: "red",
    runs.INTERRUPTED: "orange",
    runs.FINISHED: "green",
}


def select(
    label: str,
    titles: Mapping[str, str],
    *,
    key: str,
    default: str | None = None,
    always_in_url: bool = False,
    **options: Any,
) -> str:
    """Show a select box whose choice stands in the URL by its key; Streamlit's own binding would write the title.

    Args:
        label: of the box.
        titles: the choices' keys with what the user reads.
        key: of the widget, and name of the query parameter.
        default: the key chosen at first, the first one if None.
        always_in_url: whether the default stands in the URL too, because it may be another one tomorrow.
        options: what else st.selectbox takes.
    """
    default = next(iter(titles)) if default is None else default
    written = f"{key} in the URL"
    asked = st.query_params.get(key)
    if asked in titles and asked != st.session_state.get(written):
        # A link brought it; what the user chose here earlier gives way.
        st.session_state[key] = asked
    if st.session_state.get(key) not in titles:
        st.session_state[key] = default
    chosen = st.selectbox(label, list(titles), format_func=titles.__getitem__, key=key, **options)
    st.session_state[written] = chosen
    if chosen != default or always_in_url:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen


def pick_recipe() -> Recipe:
    """Let the user choose a recipe; the settings below then start from it."""
    recipes = load_recipes()
    name = select(
        "Network",
        {name: name for name in recipes},
        default="threads/model-3",
        key="recipe",
        on_change=_forget_settings,
        help="The networks of the papers. What you choose here fills in the settings below.",
    )
    return recipes[name]


def _forget_settings() -> None:
    for entry in dataclasses.fields(TrainingConfig):
        st.session_state.pop(entry.name, None)


def edit_settings(recipe: Recipe) -> dict[str, Any]:
    """Show a recipe's settings, five in sight and the others folded away, and return what the user made of them."""
    start = recipe.config
    settings: dict[str, Any] = {"architecture": start.architecture}
    left, right = st.columns(2)
    with left:
        settings["epochs"] = _whole("Epochs", "epochs", start.epochs, "How often the network sees every training item.")
        settings["learning_rate"] = st.number_input(
            "Learning rate",
            value=start.learning_rate,
            step=0.0005,
            format="%.5g",
            key="learning_rate",
            bind="query-params",
            help="How large each correction is. Too small: slow; too large: it never settles.",
        )
    with right:
        settings["batch_size"] = _whole(
            "Batch size", "batch_size", start.batch_size, "How many items are looked at before each correction."
        )
        settings["subset"] = _whole(
            "Training items",
            "subset",
            start.subset,
            "Fewer are quicker and teach less; empty means all.",
            placeholder="all",
        )
    with st.expander("More settings"):
        settings |= _edit_more(start)
    return settings


def _edit_more(start: TrainingConfig) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    settings["optimizer"] = st.selectbox(
        "Optimizer",
        list(OPTIMIZERS),
        index=list(OPTIMIZERS).index(start.optimizer),
        key="optimizer",
        bind="query-params",
        help="The rule that turns errors into corrections.",
    )
    settings["split"] = select(
        "Split",
        {name: kind.title for name, kind in SPLITS.items()},
        default=start.split,
        key="split",
        help="Which items are trained on, which validate and which test.",
    )
    settings["validation_split"] = st.number_input(
        "Validation split",
        value=start.validation_split,
        step=0.05,
        format="%.3g",
        key="validation_split",
        bind="query-params",
        disabled=not SPLITS[settings["split"]].takes_validation_split,
        help="Part of the training items that is held out to check on progress; the papers' own splits fix it.",
    )
    settings["seed"] = _whole("Seed", "seed", start.seed, "Same seed, same machine: same curve.")
    settings["early_stopping"] = _whole(
        "Stop early after",
        "early_stopping",
        start.early_stopping,
        "Epochs without a better validation accuracy after which training ends; empty means never.",
        placeholder="never",
    )
    settings["reduce_on_plateau"] = _whole(
        "Halve the learning rate after",
        "reduce_on_plateau",
        start.reduce_on_plateau,
        "Epochs without a better validation accuracy; empty means never.",
        placeholder="never",
    )
    return settings


def _whole(label: str, key: str, value: int | None, help: str, placeholder: str | None = None) -> int | None:
    return st.number_input(label, value=value, step=1, key=key, bind="query-params", help=help, placeholder=placeholder)


def pick_run(choices: Sequence[runs.Run], label: str = "Run") -> runs.Run:
    """Let the user choose one of at least one run."""
    chosen = select(label, {run.run_id: run.title for run in choices}, key="run", always_in_url=True)
    return next(run for run in choices if run.run_id == chosen)


def show_status(run: runs.Run) -> None:
    """Show a run's status as a badge."""
    st.badge("stopping" if run.stopping else run.status, color=_STATUS_COLORS[run.status])


def ink() -> str:
    """Return the colour of text in the theme that this visitor sees, for charts that must set it themselves."""
    return "#eeebe6" if st.context.theme.type == "dark" else "#221d1a"


def turn_pages(pages: int, *, key: str) -> int:
    """Show buttons that turn pages and return the page to show, 1 to `pages`."""
    st.session_state[key] = min(max(st.session_state.get(key, 1), 1), pages)
    page = st.session_state[key]
    if pages == 1:
        return page
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("‹", key=f"{key}-back", help="Previous", disabled=page <= 1, on_click=_turn, args=(key, -1))
        st.markdown(f"{page:,} of {pages:,}", width="content")
        st.button("›", key=f"{key}-on", help="Next", disabled=page >= pages, on_click=_turn, args=(key, 1))
    return page


def _turn(key: str, step: int) -> None:
    st.session_state[key] += step
