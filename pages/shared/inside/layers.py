"""The network as a strip of layers, each with what it makes of the item, and how one of its maps is made."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import runs
from fmnist_core.interpretation.feature_maps import draw_maps, find_strongest
from pages.shared import widgets
from pages.shared.inside import explainer, filters, wording
from pages.shared.inside.strip import Block, strip
from pages.shared.inside.subject import Subject

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe, ProbedLayer

Outputs = Mapping[str, NDArray[np.float32]]

_PIXELS = "pixels"
_SHOWN = {"maps": "Feature maps", "filters": "Filters"}
# How many pictures of a layer the strip shows, by their size on the screen in CSS pixels.
_MOST = {80: 4, 54: 6, 40: 32, 24: 48, 12: 192}
_LARGER = {80: 112, 54: 80, 40: 56, 24: 40, 12: 16}


@st.fragment
def show_layers(run: runs.Run, probe: "Probe", asked: Subject) -> None:
    """Show the strip of layers or of filters, and below it how what is picked there is made."""
    made = probe.compute_outputs(asked.image[np.newaxis], [layer.name for layer in probe.layers])
    outputs = {_PIXELS: probe.scale(asked.image[np.newaxis])[0], **{name: each[0] for name, each in made.items()}}
    layer, channel = _read_choice(probe, outputs)
    shown = widgets.select(
        "Show", _SHOWN, key="show", widget=st.segmented_control, required=True, label_visibility="collapsed"
    )
    if shown == "filters":
        filters.show_filters(probe, (layer.name, channel), _pick)
        return
    st.caption(
        "From left to right, what each layer makes of the item. Black is zero, orange above, blue below; each layer "
        "has a scale of its own. Click a map, a unit or a class to see how it is computed."
    )
    strip(
        _lay_out(probe, outputs, asked),
        (layer.name, channel),
        key="layers",
        label="Layers of the network with their feature maps",
        on_pick=_pick,
    )
    _show_choice(probe, outputs, layer, channel)
    query = {"space": "layer", "run": run.run_id, **({} if asked.item is None else {"item": str(asked.item)})}
    st.page_link("data/map.py", label="The penultimate layer on the Map", icon="🗺️", query_params=query)


def _show_choice(probe: "Probe", outputs: Outputs, layer: "ProbedLayer", channel: int) -> None:
    sources = [outputs[source] for source in probe.find_inputs(layer.name)]
    inputs = sources[0].shape[-1] if layer.has_maps else sources[0].size
    sentence = wording.explain_layer(probe.get_keras_layer(layer.name), layer.kind, inputs, channel)
    has_channels = layer.has_maps or "Global" in layer.kind
    count = f"channel {channel} of {layer.shape[-1]:,}" if has_channels else f"{layer.shape[-1]:,} units"
    kind = "Softmax" if layer is probe.layers[-1] else wording.name_kind(layer.kind)
    st.markdown(f"##### {kind} · {layer.name}, {count}")
    st.caption(sentence)
    explainer.show_operation(probe, layer, outputs, channel, key="operation")
    limit = _MOST[_choose_cell(layer)]
    # The units of a dense layer are all in sight already.
    if layer.shape[-1] > limit and has_channels and layer.kind not in wording.PASSING:
        st.markdown(f"**All {layer.shape[-1]:,} channels of {layer.name}**")
        cell = _LARGER[_choose_cell(layer)]
        block = Block(layer.name, (layer.name,), layer.name, draw_maps(outputs[layer.name]), cell=cell)
        strip(
            [block],
            (layer.name, channel),
            key="all channels",
            label=f"All channels of {layer.name}",
            wrap=True,
            on_pick=_pick,
        )


def _read_choice(probe: "Probe", outputs: Outputs) -> tuple["ProbedLayer", int]:
    """Return the layer and the channel that the URL names; else the strongest channel of the first that has weights."""
    asked, channel = st.query_params.get("layer"), st.query_params.get("channel", "")
    layer = next((layer for layer in probe.layers if layer.name == asked), None)
    if layer is None:
        layer, channel = next(layer for layer in probe.layers if layer.parameters), ""
    if channel.isascii() and channel.isdecimal() and int(channel[:6]) < layer.shape[-1]:
        return layer, int(channel[:6])
    return layer, find_strongest(outputs[layer.name])


def _pick(layer: str, channel: int) -> None:
    st.query_params["layer"] = layer
    st.query_params["channel"] = str(channel)


def _lay_out(probe: "Probe", outputs: Outputs, asked: Subject) -> list[Block]:
    pixels = draw_maps(outputs[_PIXELS])
    blocks = [Block(_PIXELS, ("Item", "scaled to 0 … 1", "28 × 28"), "The item", pixels, cell=112, gray=True)]
    before = _PIXELS
    for layer in probe.layers:
        sources = probe.find_inputs(layer.name)
        blocks.append(_lay_out_layer(layer, outputs[layer.name], "" if set(sources) == {before} else _name(sources)))
        before = layer.name
    said = (asked.predicted,) if asked.label is None else (asked.predicted, asked.label)
    last = blocks[-1]
    blocks[-1] = Block(
        last.name,
        ("Softmax", last.name, "10 classes", *last.head[3:]),
        last.title,
        last.pictures,
        shares=outputs[last.name],
        strong=tuple(dict.fromkeys(said)),
    )
    return blocks


def _lay_out_layer(layer: "ProbedLayer", made: NDArray[np.float32], sources: str) -> Block:
    kind, shape = wording.name_kind(layer.kind), wording.write_shape(layer.shape)
    title = f"{kind} · {layer.name}, {shape}, {layer.parameters:,} parameters"
    if layer.kind in wording.PASSING:
        return Block(layer.name, (kind,), f"{title}: hands on what it takes", None)
    cell = _choose_cell(layer)
    return Block(
        layer.name,
        (kind, layer.name, shape, *([f"from {sources}"] if sources else [])),
        title,
        draw_maps(made, _MOST[cell]),
        cell=cell,
        peak_name="largest value" if made.min() >= 0 else "strongest value",
    )


def _choose_cell(layer: "ProbedLayer") -> int:
    side = max(layer.shape[:2]) if layer.has_maps else 1
    if side < 7:
        return 24 if side > 1 else 12
    return next((cell for cell in (80, 54) if layer.shape[-1] <= _MOST[cell]), 40)


def _name(sources: tuple[str, ...]) -> str:
    return " + ".join("the item" if source == _PIXELS else source for source in dict.fromkeys(sources))
