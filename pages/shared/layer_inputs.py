"""Inputs for a network's layers: the list of them, what the open one takes, and which can be added."""

from typing import Any

import streamlit as st

from fmnist_core import editing, palette
from fmnist_core.figures.architecture import color_of
from fmnist_core.kinds import KINDS, Choice, Real, Rule, Size, Whole
from fmnist_core.shapes import INPUT_SHAPE, OUTPUT, Diagnosis, LayerSummary
from fmnist_core.stacks import Layer
from pages.shared import components, network_state

_STEPS = {"filters": 8, "units": 16, "rate": 0.05, "dropout": 0.05, "momentum": 0.01, "epsilon": 0.0001}
_ADDED = "layers added"
_HINT = (
    "Click a layer to change it. Its arrows move it, and so does the mouse; with the keyboard, arrows walk through "
    "the layers, Alt with an arrow moves one, D doubles it, Delete takes it out, Ctrl Z undoes."
)


def show_layers(found: Diagnosis) -> None:
    """Show the list of layers, each with the shape of what it passes on and its parameters."""
    layers = network_state.stack()
    first = {"title": "Pixels", "words": "scaled to 0 to 1", "shape": _write_shape(INPUT_SHAPE), "parameters": ""}
    rows = [{**first, "color": color_of("Input"), "state": "fits", "reason": "", "fixed": True}]
    rows += [_row(layer, position, found) for position, layer in enumerate(layers)]
    last = _row(OUTPUT, len(layers), found) | {"title": "Softmax", "words": "a probability for each class"}
    rows.append({**last, "fixed": True})
    components.layer_list(rows, network_state.selected(), key="layers", on_edit=network_state.act)


def _row(layer: Layer, position: int, found: Diagnosis) -> dict[str, Any]:
    bad = found.position
    summary = None if bad is not None and position >= bad else found.summaries[position + 1]
    return {
        "title": palette.OFFERS[layer.class_name].title,
        "words": palette.describe(layer),
        "shape": _write_shape(summary.output_shape) if summary else "impossible" if position == bad else "not reached",
        "parameters": _write_parameters(summary),
        "color": color_of(layer.class_name),
        "state": "fits" if summary else "bad" if position == bad else "after",
        "reason": _capitalize(found.reason or "") if position == bad else "",
        "fixed": False,
    }


def _write_shape(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{extent:,}" for extent in shape)


def _write_parameters(summary: LayerSummary | None) -> str:
    return f"{summary.parameters:,} parameters" if summary and summary.parameters else ""


def _capitalize(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def show_palette() -> None:
    """Let the user add a layer of any kind."""
    here = network_state.selected()
    where = "at the end" if here is None else f"after layer {here + 1}"
    # Another key closes what is open, so that the new layer can be seen.
    number = st.session_state.get(_ADDED, 0)
    with st.popover(f"Add a layer {where}", width="stretch", key=f"palette-{number}"):
        for group, offers in palette.GROUPS.items():
            st.caption(group)
            with st.container(horizontal=True, gap="small"):
                for class_name, offer in offers.items():
                    st.button(offer.title, key=f"add-{class_name}", help=offer.help, on_click=_add, args=(class_name,))


def _add(class_name: str) -> None:
    network_state.add(class_name)
    st.session_state[_ADDED] = st.session_state.get(_ADDED, 0) + 1


def edit_layer() -> None:
    """Show what the open layer takes, for the user to change."""
    position = network_state.selected()
    if position is None:
        st.markdown("**Nothing is open**")
        st.caption(_HINT)
        return
    layer = network_state.stack()[position]
    offer, kind = palette.OFFERS[layer.class_name], KINDS[layer.class_name]
    st.markdown(f"**{position + 1} · {offer.title}**")
    st.caption(offer.help)
    with st.grid(min_column_width=150):
        for name, rule in kind.arguments.items():
            _edit_argument(layer, position, name, rule)
    if any(isinstance(rule, Size) for rule in kind.arguments.values()):
        key = _key(position, "square")
        st.session_state[key] = not editing.is_square(layer)
        args = (key, network_state.revision(), position)
        st.checkbox("Height and width apart", key=key, on_change=_set_square, args=args)


def _edit_argument(layer: Layer, position: int, name: str, rule: Rule) -> None:
    words, value = palette.words_of(layer.class_name, name), palette.value_of(layer, name)
    if isinstance(rule, Size) and not editing.is_square(layer):
        sizes = (value, value) if isinstance(value, int) else value
        for side, (word, size) in enumerate(zip(("height", "width"), sizes, strict=True)):
            _edit_value(f"{words.label}, {word}", words.help, rule, size, (position, name, side))
    else:
        _edit_value(words.label, words.help, rule, value, (position, name, None))


def _edit_value(label: str, help_text: str, rule: Rule, value: Any, place: tuple[int, str, int | None]) -> None:
    key = _key(*place)
    # What the layer has, even if the browser's input has just shown something that was refused.
    st.session_state[key] = float(value) if isinstance(rule, Real) else value
    args = (key, network_state.revision(), *place)
    common = {"key": key, "help": help_text, "on_change": _set_argument, "args": args}
    step = _STEPS.get(place[1], 1)
    match rule:
        case Whole(lowest, highest) | Size(lowest, highest):
            st.number_input(label, lowest, highest, step=int(step), **common)
        case Real():
            st.number_input(label, min_value=float(rule.lowest), step=float(step), format="%.5g", **common)
        case Choice((True, False)):
            st.toggle(label, **common)
        case Choice(values):
            st.selectbox(label, values, format_func=lambda choice: palette.CHOICES.get(choice, str(choice)), **common)


def _key(position: int, name: str, side: int | None = None) -> str:
    """Return the key of an input, another one for whatever the user has not set there.

    A slow browser may still report what stood there before; that comes under the old key.
    """
    arguments = network_state.stack()[position].arguments
    follows = arguments.get("pool_size") if name == "strides" and name not in arguments else None
    return f"layer {position} {name}{'' if side is None else side}, {follows}, {network_state.revision()}"


def _is_current(key: str, revision: int, *place: Any) -> bool:
    return revision == network_state.revision() and key == _key(*place)


def _set_argument(key: str, revision: int, position: int, name: str, side: int | None) -> None:
    if not _is_current(key, revision, position, name, side):
        return
    value = st.session_state[key]
    if side is not None:
        both = palette.value_of(network_state.stack()[position], name)
        pair = [both, both] if isinstance(both, int) else list(both)
        pair[side] = value
        value = tuple(pair)
    network_state.change_layers(lambda layers: editing.set_argument(layers, position, name, value))


def _set_square(key: str, revision: int, position: int) -> None:
    if _is_current(key, revision, position, "square"):
        apart = st.session_state[key]
        network_state.change_layers(lambda layers: editing.set_square(layers, position, not apart))
