"""The filters of every convolution as pictures."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fmnist_core.interpretation.feature_maps import draw_filters, draw_maps
from fmnist_core.interpretation.weights import read_filters
from pages.shared.inside.strip import Block, strip
from pages.shared.inside.wording import write_shape

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe

_MOST = 32


def show_filters(probe: "Probe", picked: tuple[str, int], on_pick: Callable[[str, int], None]) -> None:
    """Show the filters of all convolutions, and below them the kernels of one filter.

    Args:
        probe: the network.
        picked: a layer and a channel; the first filter if that layer is no convolution.
        on_pick: called with a layer's name and a filter's number before the rerun.
    """
    layers = [layer for layer in probe.layers if layer.kind == "Conv2D"]
    if not layers:
        st.info("This network has no convolutions, so it has no filters either.")
        return
    filters = {layer.name: read_filters(probe.get_keras_layer(layer.name)) for layer in layers}
    name, number = picked if picked[0] in filters else (layers[0].name, 0)
    st.caption(
        "Each picture is a filter: bright orange where it wants light, bright blue where it wants darkness, black "
        "where it does not care. Filters that look at several maps are shown as the mean over these. Click one "
        "to see them all."
    )
    blocks = [
        Block(
            name,
            (name, _name_size(weights), f"{len(weights):,} filters"),
            f"{name}: {len(weights):,} filters of {write_shape(weights.shape[1:])}",
            draw_filters(weights, _MOST),
            **_choose_size(max(weights.shape[1:3])),
            peak_name="strongest weight",
        )
        for name, weights in filters.items()
    ]
    strip(blocks, (name, number), key="filters", label="Filters of all convolutions", what="filter", on_pick=on_pick)
    _show_kernels(name, filters[name], number)


def _show_kernels(name: str, filters: np.ndarray, number: int) -> None:
    kernels = filters[number]
    count = kernels.shape[2]
    st.markdown(f"**Filter {number} of {name}**, " + ("its kernel" if count == 1 else f"its {count:,} kernels"))
    st.caption(
        "The kernel that is laid on the item."
        if count == 1
        else "One for each map that the filter looks at, all on one scale; hover to see its number."
    )
    cell = 96 if count == 1 else 48 if count <= 128 else 26
    block = Block(name, (name,), name, draw_maps(kernels), cell=cell, gap=7, peak_name="strongest weight")
    strip(
        [block],
        None,
        key="kernels",
        label=f"Kernels of filter {number}",
        what="kernel",
        wrap=True,
        on_pick=lambda name, channel: None,
    )


def _name_size(filters: np.ndarray) -> str:
    _, height, width, inputs = filters.shape
    return f"{height} × {width}" + (f", {inputs:,} maps" if inputs > 1 else "")


def _choose_size(side: int) -> dict[str, int]:
    # Wide gaps, as filters have no frame and differ in their edges.
    return {"cell": 36, "gap": 7} if side > 1 else {"cell": 12, "gap": 3}
