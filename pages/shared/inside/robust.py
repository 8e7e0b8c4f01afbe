"""How a network stands changes of its items: its accuracy under each, as curves."""

from collections.abc import Mapping

import streamlit as st

from fmnist_core import runs
from fmnist_core.interpretation.changes import CHANGES
from fmnist_core.interpretation.robustness import SETTINGS, Curve, compute_curves, find_weakest
from fmnist_core.repeats import title_runs
from pages.shared import cache, study_progress, widgets

_COLUMNS = 3
_LOSS = 0.10
_NOBODY = "none"


def show_robustness(run: runs.Run, strengths: Mapping[str, float]) -> None:
    """Show the accuracy of a run under each change, and of another one if the user wants to.

    Args:
        run: it must have a network.
        strengths: by key of `CHANGES`, where the sliders stand.
    """
    st.subheader("And thousands of others?", anchor=False)
    curves = _load(run, "**Accuracy under all these changes**, each at up to nine strengths, on 2,000 test items.")
    if curves is None:
        return
    other = _choose_other(run)
    others = None if other is None else _load(other, f"**{other.title}** has not been put to these changes yet.")
    st.markdown(_say_losses(curves))
    columns = st.columns(_COLUMNS, gap="medium")
    for place, name in enumerate(curves):
        change = CHANGES[name]
        with columns[place % _COLUMNS], st.container(gap="small"):
            st.markdown(f"**{change.title}** :small[{change.unit.strip()}]")
            st.plotly_chart(
                cache.robustness_chart(run, None if others is None else other, name, strengths[name]),
                key=f"robustness-{name}",
                config={"displayModeBar": False},
                alt=f"Accuracy under the change {change.title}",
            )
    colours = (
        "" if other is None or others is None else f" Blue: {run.title}; orange: {other.title}, on its own test items."
    )
    st.caption(
        "Accuracy on 2,000 items of the run's own test part, evenly from the classes, with the 95% band; dotted: "
        f"unchanged. A grey line marks where a slider stands.{colours}"
    )


def _load(run: runs.Run, invitation: str) -> dict[str, Curve] | None:
    found = study_progress.provide(run, "robustness", SETTINGS, invitation)
    return None if found is None else compute_curves(found, len(found["items"]))


def _choose_other(run: runs.Run) -> runs.Run | None:
    choices = {each.run_id: each for each in runs.list_runs().with_model() if each.run_id != run.run_id}
    if not choices:
        return None
    titles = {_NOBODY: "no other network"} | title_runs(list(choices.values()))
    with st.columns([5, 7], gap="large")[0]:
        chosen = widgets.select("Compare with", titles, key="against")
    return choices.get(chosen)


def _say_losses(curves: Mapping[str, Curve]) -> str:
    """Return in a sentence how much of each change costs ten points."""
    found = {name: find_weakest(curves, name, _LOSS) for name in curves}
    told = [
        f"{CHANGES[name].title.lower()} {CHANGES[name].say(strength)}"
        for name, strength in found.items()
        if strength is not None
    ]
    return (
        f"Ten points of accuracy or more are lost by: **{', '.join(told)}**." if told else "Hardly anything hurts it."
    )
