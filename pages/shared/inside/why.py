"""Why this class? Heat maps of several methods side by side, and whether they can be believed."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fmnist_core import runs
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.interpretation.methods import METHODS
from pages.shared import cache, widgets
from pages.shared.inside import believing
from pages.shared.inside.overlay import Cell, Row, show_overlay
from pages.shared.inside.subject import Subject

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe

_DEFAULT = ("grad-cam", "integrated-gradients", "occlusion")
_NEXT = "next"


def show_why(run: runs.Run, probe: "Probe", asked: Subject) -> None:
    """Show which pixels the scores of some classes hang on, by the methods that the user chooses."""
    from fmnist_core.interpretation import attribution  # it brings Keras

    layers = attribution.list_layers(probe)
    usable = {name: method for name, method in METHODS.items() if layers or not method.needs_maps}
    st.caption(
        "Which pixels does the answer hang on? Each method asks about a class's *score*, the value before the softmax, "
        "because probabilities near 0% and 100% hardly move, whatever the pixels do."
    )
    chosen = _choose_methods(list(usable))
    with st.container(horizontal=True, gap="medium"):
        class_indices = _choose_classes(asked)
        default = attribution.find_layer(probe, None).name if layers else ""
        layer = _choose_layer({each.name: each.shape for each in layers}, default) if layers else None
    if not layers:
        st.info(
            "Grad-CAM and Grad-CAM++ weigh maps, pictures that layers make. No layer of this network makes maps larger "
            "than 1 × 1: it has no convolutions, or they see the whole item at once. The other methods ask the pixels."
        )
    if not chosen:
        st.info("Choose at least one method.")
        return
    rows = [_explain(run, asked, class_index, chosen, layer) for class_index in class_indices]
    show_overlay(asked.image, rows, key="why-overlay")
    _describe(chosen)
    believing.show_tests(run, asked, class_indices, chosen, layer)


def _choose_methods(usable: list[str]) -> list[str]:
    titles = {name: METHODS[name].title for name in usable}
    default = [name for name in _DEFAULT if name in titles]
    key = "methods" if len(usable) == len(METHODS) else "pixel-methods"
    picked = st.pills(
        "Methods",
        usable,
        selection_mode="multi",
        default=default,
        format_func=titles.__getitem__,
        key=key,
        bind="query-params",
        persist_state="session",
        wrap=True,
    )
    return [name for name in usable if name in picked]


def _choose_classes(asked: Subject) -> list[int]:
    """Return the class that the network gives it, the true one, and the one chosen, in this order and each once."""
    titles = {_NEXT: "its second choice"} | {
        str(index): f"{icon} {name}" for index, (icon, name) in enumerate(zip(CLASS_ICONS, CLASS_NAMES, strict=True))
    }
    choice = widgets.select("And why not", titles, key="class", width=260)
    second = int(np.argsort(-asked.probabilities)[1])
    others = [] if asked.label is None else [asked.label]
    return list(dict.fromkeys([asked.predicted, *others, second if choice == _NEXT else int(choice)]))


def _choose_layer(shapes: dict[str, tuple[int, ...]], default: str) -> str:
    titles = {name: f"{name} · {shape[0]} × {shape[1]}" for name, shape in shapes.items()}
    help = "Late layers know most of what is shown, but have coarse maps; early ones are sharp and know only edges."
    return widgets.select("Layer for Grad-CAM", titles, key="cam", default=default, help=help, width=320)


def _explain(run: runs.Run, asked: Subject, class_index: int, methods: list[str], layer: str | None) -> Row:
    cells = []
    for name in methods:
        found = cache.attribution(run.run_id, run.tested_at, name, asked.image, class_index, layer)
        note = "" if found.heatmaps.any() else "Nothing here speaks for it."
        cells.append(Cell(name, note, found.values[0], found.heatmaps[0]))
    roles = [
        role
        for role, holds in (("the answer", class_index == asked.predicted), ("the truth", class_index == asked.label))
        if holds
    ]
    share = f"{asked.probabilities[class_index]:.1%}"
    return Row(class_index, ", ".join([*filter(None, [" and ".join(roles)]), share]), cells)


def _describe(methods: list[str]) -> None:
    with st.expander("What each picture says, and what it does not", expanded=True):
        for name in methods:
            method = METHODS[name]
            st.markdown(f"**{method.title}** ({method.source}). {method.explanation} *{method.caveat}*")
