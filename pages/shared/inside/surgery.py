"""Neuron surgery: silence channels of a layer, and see what that does to the answers."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import evaluation, prediction, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.comparison import plot_confusion_difference
from fmnist_core.figures.surgery import plot_before_and_after
from pages.shared import cache, widgets
from pages.shared.inside import ablation, surgery_grid
from pages.shared.inside.subject import Subject

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe
    from fmnist_core.interpretation.surgery import Surgery

_NO_BAR = {"displayModeBar": False}


def show_surgery(run: runs.Run, probe: "Probe", asked: Subject) -> None:
    """Let the user silence channels of a layer, and show what becomes of the answers.

    Args:
        run: the network.
        probe: it, laid open.
        asked: the item that is looked at.
    """
    if not run.has_evaluation:
        st.info("This network has not been tested, so that there are no items to see what an operation costs.")
        return
    from fmnist_core.interpretation import surgery  # it brings Keras

    titles = surgery.describe_operable(probe)
    if not titles:
        st.info("This network has no layer before its answer whose channels could be silenced.")
        return
    with st.columns([5, 7], gap="large")[0]:
        layer = widgets.select(
            "Operate on",
            titles,
            key="operated",
            default=surgery.suggest_operable(probe),
            on_change=surgery_grid.silence,
            args=((),),
        )
    st.fragment(_operate)(run, probe, asked, layer, titles[layer])


def _operate(run: runs.Run, probe: "Probe", asked: Subject, layer: str, title: str) -> None:
    operation = cache.surgery(run.run_id, run.tested_at, layer)
    silenced = surgery_grid.read_silenced(operation.channels)
    channels, answers = st.columns([1, 1], gap="large")
    with channels:
        _show_channels(probe, asked, layer, title, silenced, operation.channels)
    with answers:
        _show_cost(run, operation, silenced)
        _show_answer(operation, asked, silenced)
    _show_classes(run, operation, silenced)
    ablation.show_ablation(run, operation, title, silenced)


def _show_channels(probe: "Probe", asked: Subject, layer: str, title: str, silenced: list[int], channels: int) -> None:
    from fmnist_core.interpretation.feature_maps import draw_maps

    units = "units" if "units" in title else "channels"
    st.markdown(f"**Click {units} to silence them**")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Hear all", on_click=surgery_grid.silence, args=((),), disabled=not silenced, key="hear all")
        st.button("Silence all", on_click=surgery_grid.silence, args=(range(channels),), key="silence all")
        others = sorted(set(range(channels)) - set(silenced))
        st.button("The others", on_click=surgery_grid.silence, args=(others,), disabled=not silenced, key="invert")
        st.caption(f"{len(silenced):,} of {channels:,} silenced")
    outputs = probe.compute_outputs(asked.image[np.newaxis], [layer])[layer][0]
    surgery_grid.show_grid(draw_maps(outputs).pixels, silenced, title)
    st.caption(f"Each picture is what it makes of {asked.name}: bright where it found what it looks for.")


def _show_cost(run: runs.Run, operation: "Surgery", silenced: list[int]) -> None:
    labels = operation.sample.labels
    before, after = (_find_right(run, operation, channels).mean() for channels in ([], silenced))
    st.metric(
        "Accuracy on a sample",
        f"{after:.1%}",
        delta=f"{100 * (after - before):+.1f} points, from {before:.1%}" if silenced else "nothing is silenced",
        delta_color="normal" if after != before else "off",
        delta_arrow="auto" if after != before else "off",
        width="content",
        help=f"On {len(labels):,} of the items that this network was tested with, drawn once with seed 0, the classes "
        "as even as can be. A silenced channel is 0 everywhere, as if it had found nothing.",
    )


def _show_answer(operation: "Surgery", asked: Subject, silenced: list[int]) -> None:
    before, after = (operation.ask(asked.image[np.newaxis], channels)[0] for channels in ([], silenced))
    was, now = CLASS_NAMES[before.argmax()], CLASS_NAMES[after.argmax()]
    change = "" if not silenced else ", as before" if was == now else f" now, no longer {was}"
    st.markdown(f"{asked.name} is called **{now}**{change}, at {prediction.say_share(float(after.max()))}")
    figure = plot_before_and_after(before, after, marked=asked.label, height=300)
    st.plotly_chart(figure, key="operated-answer", config=_NO_BAR, alt="Ten probabilities before and after")


def _show_classes(run: runs.Run, operation: "Surgery", silenced: list[int]) -> None:
    if not silenced:
        return
    from fmnist_core.interpretation.surgery import compute_recalls

    labels = operation.sample.labels
    before, after = (compute_recalls(labels, _find_right(run, operation, channels)) for channels in ([], silenced))
    losses, matrix = st.columns([1, 1.25], gap="large")
    with losses:
        st.subheader("What each class loses")
        st.markdown(_say_losses(before - after))
        figure = plot_before_and_after(before, after, height=400)
        st.plotly_chart(figure, key="operated-classes", config=_NO_BAR, alt="Recall of each class before and after")
        st.caption("How many items of each class are found: empty bars before, full ones after.")
    with matrix:
        st.subheader("What is confused now")
        difference = np.subtract(
            *(
                evaluation.compute_confusion_matrix(labels, _ask(run, operation, channels).argmax(axis=1))
                for channels in (silenced, [])
            )
        )
        figure = plot_confusion_difference(difference, widgets.ink(), "the operated network", "the whole one")
        st.plotly_chart(figure, key="operated-confusion", config=_NO_BAR, alt="Difference of the confusion matrices")
        st.caption("After minus before: orange where the operation does harm, blue where it helps.")


def _say_losses(losses: NDArray[np.float64]) -> str:
    worst = [index for index in np.argsort(-np.nan_to_num(losses))[:3] if losses[index] >= 0.005]
    if not worst:
        return "No class loses anything worth mentioning."
    return "Most: " + ", ".join(f"{CLASS_NAMES[index]} ({100 * losses[index]:.0f} points)" for index in worst) + "."


def _find_right(run: runs.Run, operation: "Surgery", silenced: list[int]) -> NDArray[np.bool_]:
    return _ask(run, operation, silenced).argmax(axis=1) == operation.sample.labels


def _ask(run: runs.Run, operation: "Surgery", silenced: list[int]) -> NDArray[np.float32]:
    return cache.operated_answers(run.run_id, run.tested_at, operation.layer.name, tuple(silenced))
