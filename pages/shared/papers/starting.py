"""From a click on a network of a paper to its training."""

import streamlit as st

from fmnist_core import jobs, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.papers.results import Result
from fmnist_core.papers.running import shorten
from fmnist_core.progress import say_duration
from fmnist_core.recipes import Recipe, find_recipe
from pages.shared import cache

# A training that took longer is not begun before the user has read how long.
LONG_SECONDS = 300
_PAGES = {"train": "models/train.py", "mistakes": "analysis/mistakes.py"}
_PENDING, _GO = "training to be confirmed", "run to be watched"


def estimate_seconds(config: TrainingConfig, results: tuple[Result, ...]) -> float | None:
    """Return how long a training will take if this machine is as fast as those that were recorded; None if none was.

    Args:
        config: of the training.
        results: of the recipe, cut short or not.
    """
    paces = [result.seconds / result.epochs for result in results if result.epochs]
    epochs = [result.epochs for result in results if result.complete]
    if not paces:
        return None
    # Early stopping may end it sooner, as it did then.
    return min(config.epochs, max(epochs, default=config.epochs)) * sum(paces) / len(paces)


def say_plan(config: TrainingConfig, results: tuple[Result, ...]) -> str:
    """Return in words how many epochs there are, and how long they will take."""
    epochs = f"{config.epochs} {'epoch' if config.epochs == 1 else 'epochs'}"
    seconds = estimate_seconds(config, results)
    if seconds is None:
        return f"{epochs}; nobody has recorded yet how long that takes"
    most = "at most " if config.early_stopping else ""
    return f"{most}{epochs}, about {say_duration(seconds)} on {results[-1].device}"


def receive(name: str, quick: bool) -> None:
    """Start what was asked for, or ask back if it is long; to be called before the page runs again."""
    recipe = find_recipe(name)
    seconds = estimate_seconds(recipe.config, _results_of(recipe))
    if quick or (seconds is not None and seconds <= LONG_SECONDS):
        _start(name, quick)
    else:
        st.session_state[_PENDING] = name


def open_run(run_id: str) -> None:
    """Go to a run; to be called before the page runs again."""
    st.session_state[_GO] = run_id


def find_place(run: runs.Run) -> tuple[str, dict[str, str]]:
    """Return where a run is best looked at: the path of a page and its query.

    One that trains is watched beside the recipe it started from; one that has been tested shows where it errs.
    """
    if run.has_evaluation and not run.active:
        return "mistakes", {"run": run.run_id}
    return "train", {"recipe": run.recipe, "run": run.run_id}


def follow_up() -> None:
    """Do what `receive` and `open_run` have left to the run of the page: ask back, or go to the other page."""
    if _GO in st.session_state:
        path, query = find_place(runs.load_run(st.session_state.pop(_GO)))
        st.switch_page(_PAGES[path], query_params=query)
    if _PENDING in st.session_state:
        recipe = find_recipe(st.session_state[_PENDING])
        st.dialog(recipe.title, on_dismiss=_forget)(_confirm)(recipe)


def _confirm(recipe: Recipe) -> None:
    results, quick = _results_of(recipe), shorten(recipe.config)
    if results:
        st.markdown(f"In full it is a long training: {say_plan(recipe.config, results)}.")
    else:
        st.markdown(f"In full it has {recipe.config.epochs} epochs. How long they take has not been recorded yet.")
    st.markdown(
        f"“Quick” trains a tenth: {say_plan(quick, results)}. Either goes on when you leave this page, "
        "and can be stopped on Train."
    )
    with st.container(horizontal=True):
        full = st.button("Run it in full", type="primary", key="papers-full")
        short = st.button("Quick", key="papers-quick")
        cancel = st.button("Cancel", key="papers-cancel")
    if full or short:
        _start(recipe.name, quick=short)
    if full or short or cancel:
        _forget()
        st.rerun()  # the whole page, so that the dialog closes


def _forget() -> None:
    st.session_state.pop(_PENDING, None)


def _start(name: str, quick: bool) -> None:
    recipe = find_recipe(name)
    run_id = jobs.submit(shorten(recipe.config) if quick else recipe.config, name)
    # What Train will watch.
    st.session_state.run = run_id
    st.toast(f"{recipe.title} is queued. Watch it on Train.")


def _results_of(recipe: Recipe) -> tuple[Result, ...]:
    return tuple(result for result in cache.paper_results() if result.recipe == recipe.name)
