"""The channels of a layer side by side, each with what excites it, and images made for the ten classes."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.exploration import name_item
from fmnist_core.interpretation.excitation import PAGE, Excitation, unpack
from fmnist_core.sheets import encode_data_url
from fmnist_core.studies import Arrays
from pages.shared import cache, components, study_progress, widgets
from pages.shared.inside import exciting
from pages.shared.inside.subject import Subject
from pages.shared.inside.wording import name_kind, write_shape

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe, ProbedLayer

_CHANNEL, _PAGE = "channel", "channels page"
_BLANK = np.zeros((28, 28), np.uint8)


def show_channels(run: runs.Run, probe: "Probe", asked: Subject) -> None:
    """Show the channels of a layer, what excites the one that is picked, and images made for the ten classes."""
    st.caption(
        "What is each channel looking for? Below: the test items that excite it most, and an image made by climbing "
        "its gradient from noise, until it answers as strongly as it can."
    )
    layer = _choose_layer(probe)
    found = study_progress.provide(
        run, "excitation", invitation="**What excites each channel**: this asks the network about all its test items."
    )
    if found is None:
        return
    excitation = unpack(found, layer.name)
    channel = _read_channel(excitation)
    first = _turn_to(channel, len(excitation.items))
    made = study_progress.provide(run, "making", {"layer": layer.name, "first": first})
    _show_grid(layer, excitation, made, first, channel)
    if channel is not None:
        exciting.show_channel(layer, found, channel, None if made is None else _at(made, channel - first))
    _show_classes(run, probe)


def _choose_layer(probe: "Probe") -> "ProbedLayer":
    titles = {
        layer.name: f"{name_kind(layer.kind)} · {layer.name} · {write_shape(layer.shape)}" for layer in probe.layers
    }
    default = next(layer.name for layer in probe.layers if layer.parameters)
    with st.columns([5, 7], gap="large")[0]:
        chosen = widgets.select("Layer", titles, key="layer", default=default, on_change=_forget_channel)
    return probe.find_layer(chosen)


def _forget_channel() -> None:
    st.query_params.pop(_CHANNEL, None)
    st.session_state[_PAGE] = 1


def _read_channel(excitation: Excitation) -> int | None:
    text = st.query_params.get(_CHANNEL, "")
    known = text.isascii() and text.isdecimal() and int(text[:6]) < len(excitation.items)
    return int(text[:6]) if known else None


def _turn_to(channel: int | None, n_channels: int) -> int:
    """Show which channels are shown, if not all, and return the first of them."""
    shown = f"{_PAGE} of channel"
    if channel is not None and st.session_state.get(shown) != channel:
        st.session_state[_PAGE] = channel // PAGE + 1
    st.session_state[shown] = channel
    return (widgets.turn_pages(-(-n_channels // PAGE), key=_PAGE) - 1) * PAGE


def _show_grid(
    layer: "ProbedLayer", excitation: Excitation, made: Arrays | None, first: int, channel: int | None
) -> None:
    shown = range(first, min(first + PAGE, len(excitation.items)))
    images = cache.dataset().images
    labels = cache.dataset().labels
    faces, lines, titles = [], [], []
    for number in shown:
        silent = excitation.values[number, 0] <= exciting.SILENT
        best = int(excitation.items[number, 0])
        above = _BLANK if made is None else made["images"][number - first]
        faces.append([encode_data_url(above), encode_data_url(_BLANK if silent else images[best])])
        lines.append([str(number)])
        what = "answers nothing" if silent else f"answers most to {name_item(best, labels[best])}"
        titles.append(f"Channel {number}: {what}")
    st.markdown(f"**{'Channels' if layer.has_maps else 'Units'} of {layer.name}**")
    components.tiles(
        faces, lines, titles, key="channel tiles", label=f"Channels of {layer.name}", columns=16, smallest=52,
        picked=None if channel is None or channel not in shown else channel - first + 1,
        on_pick=lambda number: st.query_params.__setitem__(_CHANNEL, str(first + number - 1)),
    )  # fmt: skip
    st.caption("Above the image made for it, below the test item that excites it most. Click one to see more of it.")


def _at(made: Arrays, place: int) -> tuple[NDArray[np.uint8], float] | None:
    """Return the image made for a channel and how strongly it answers; None if another page is open."""
    inside = 0 <= place < len(made["images"])
    return (made["images"][place], float(made["values"][place])) if inside else None


def _show_classes(run: runs.Run, probe: "Probe") -> None:
    last = probe.layers[-1].name
    st.subheader("Images made to be a …", anchor=False)
    made = study_progress.provide(run, "making", {"layer": last, "first": 0})
    if made is None:
        return
    answers = cache.predictor(run.run_id, run.tested_at)(made["images"])
    components.tiles(
        [[encode_data_url(image)] for image in made["images"]],
        [[name, f"{row[index]:.1%}"] for index, (name, row) in enumerate(zip(CLASS_NAMES, answers, strict=True))],
        [f"Made to be a {name}" for name in CLASS_NAMES],
        key="class tiles",
        label="Images made for the ten classes",
        columns=10,
        smallest=84,
    )
    sure = int((answers.argmax(axis=1) == np.arange(len(CLASS_NAMES))).sum())
    st.caption(
        f"Below each, how sure the network is of the class: it takes {sure} of the ten for what they were made to be. "
        "You would not: a network answers with certainty to pictures that are far from all garments."
    )
