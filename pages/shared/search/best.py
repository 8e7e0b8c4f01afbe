"""The best trial so far, and where to take it."""

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.networks import make_network, to_link
from fmnist_core.recipes import find_recipe
from fmnist_core.search import Search, best_config
from fmnist_core.search.records import Trial
from pages.shared import own_recipes
from pages.shared.search.wording import say_parameters

# Settings of which the page Train has an input whose value its address can hold as it stands.
_PLAIN = ("learning_rate", "batch_size", "optimizer", "epochs", "subset", "seed", "label_smoothing", "schedule", "loss")
_TEXT_WIDTH = 400


def show_best(found: Search) -> None:
    """Show value and settings of the best complete trial; the box is there before there is one."""
    best = found.best
    with st.container(border=True, gap="small", key="best trial"):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            value = "–" if best is None or best.value is None else f"{best.value:.2%}"
            st.metric("Best so far" if found.active else "Best", value, width="content")
            # Of this width, so that on a narrow page it goes below the figure rather than be squeezed.
            with st.container(gap=None, width=_TEXT_WIDTH):
                st.markdown("No trial is complete yet." if best is None else f"**{say_parameters(best.parameters)}**")
                if best is not None:
                    st.caption(_say_trial(found, best))
        if best is not None:
            with st.container(horizontal=True, gap="medium"):
                link_run(best)
                query = _query_in_full(found)
                if query:
                    st.page_link("models/train.py", label="Train this in full", icon="🏁", query_params=query)


def link_run(trial: Trial) -> None:
    """Show links to the run of a trial."""
    if trial.run_id:
        query = {"run": trial.run_id}
        st.page_link("models/train.py", label="Watch its run", icon="📈", query_params=query)
        st.page_link("models/runs.py", label="Among the runs", icon="🗂️", query_params=query)


def _say_trial(found: Search, best: Trial) -> str:
    epochs = f"{best.epochs} {'epoch' if best.epochs == 1 else 'epochs'}"
    complete = sum(trial.state == "complete" for trial in found.trials)
    chance = f"; the highest of {complete}, so partly luck" if complete > 1 else ""
    return f"Validation accuracy of trial {best.number + 1}, after {epochs}{chance}"


def _query_in_full(found: Search) -> dict[str, str] | None:
    """Return the query of a link to the form of Train with the best settings, and the recipe's epochs and items."""
    try:
        short, best = best_config(found), found.best
        recipe = find_recipe(str(best.parameters.get("recipe", found.config.recipe)) if best else found.config.recipe)
    except FmnistError:  # the recipe was a network of one's own, and is gone
        return None
    varied = {parameter.name for parameter in found.config.parameters}
    whole = {name: getattr(recipe.config, name) for name in ("epochs", "subset") if name not in varied}
    full = short.with_settings(**whole)
    changed = {name: value for name, value in full.to_dict().items() if value != recipe.config.to_dict()[name]}
    if all(name in _PLAIN and value is not None for name, value in changed.items()):
        return {"recipe": recipe.name, **{name: _write(value) for name, value in changed.items()}}
    return {own_recipes.LINK: to_link(make_network(f"{recipe.title[:40]}, found", full))}


def _write(value: float | str) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)
