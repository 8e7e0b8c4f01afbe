"""Which channels of a layer matter: each silenced in turn, in the background."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fmnist_core import runs
from fmnist_core.figures.surgery import plot_ablation
from pages.shared import study_progress
from pages.shared.inside import surgery_grid

if TYPE_CHECKING:
    from fmnist_core.interpretation.surgery import Surgery

_MOST_IMPORTANT = 5


def show_ablation(run: runs.Run, operation: "Surgery", title: str, silenced: list[int]) -> None:
    """Show what each channel of a layer costs when it is silenced by itself, and let the dearest be silenced.

    Args:
        run: the network.
        operation: it, laid open at the layer.
        title: the layer in words, up to " · ".
        silenced: channels that are silenced now, counted from 0.
    """
    st.subheader("Which of them matter")
    found = study_progress.provide(
        run,
        "ablation",
        {"layer": operation.layer.name},
        f"**Each channel of {title.partition(' · ')[0]} silenced in turn.**",
    )
    if found is None:
        return
    losses = found["accuracy"] - found["accuracies"]
    order = np.argsort(-losses, kind="stable")
    _offer_choices([int(channel) for channel in order[:_MOST_IMPORTANT]], np.flatnonzero(losses <= 0).tolist())
    st.plotly_chart(
        plot_ablation(losses, silenced),
        key="ablation",
        on_select=lambda: _toggle(silenced),
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Accuracy that is lost when each channel is silenced by itself",
    )
    st.caption(
        "What the network loses when one alone is silenced; blue ones are silenced now. Click a bar to silence that "
        "channel too. Many cost nothing alone and much together: others say the same, and stand in for them. One item "
        f"more or less is {100 / len(operation.sample.items):.2f} points, so that the smallest bars are chance."
    )


def _offer_choices(dearest: list[int], idle: list[int]) -> None:
    choices = {
        "silence dearest": (f"Silence the {len(dearest)} most important", dearest),
        "silence idle": (f"Silence the {len(idle):,} that cost nothing alone", idle),
    }
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for key, (label, channels) in choices.items():
            st.button(label, on_click=surgery_grid.silence, args=(channels,), disabled=not channels, key=key)


def _toggle(silenced: list[int]) -> None:
    points = st.session_state["ablation"].selection.points
    if points:
        surgery_grid.silence(sorted(set(silenced) ^ {int(points[0]["customdata"][0])}))
