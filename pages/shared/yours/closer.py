"""A closer look at an answer, each part made only while it is open: where, like what, on the map, and the others."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import neighbors, placing, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.exploration import name_item
from fmnist_core.figures.placement import plot_placement
from fmnist_core.interpretation.methods import METHODS
from fmnist_core.splits import TRAIN_ITEMS, Indices
from fmnist_core.trust import N_NEIGHBORS, STUDY
from fmnist_core.verdict import Verdict
from pages.shared import cache, item_pictures, study_progress
from pages.shared.inside.overlay import Cell, Row, show_overlay
from pages.shared.yours import others

# Occlusion always has something to say; Grad-CAM often has nothing where a Flatten follows the maps.
_METHODS = ("occlusion", "grad-cam")


def show_closer(verdict: Verdict, run: runs.Run, key: str) -> None:
    """Show the parts, closed at first.

    Args:
        verdict: the answer.
        run: whose network gave it.
        key: the inputs are kept by it.
    """
    for title, show in _PARTS.items():
        part = st.expander(title, key=f"{key} {title}", on_change="rerun")
        if part.open:
            with part:
                show(verdict, run, key)


def _show_heat(verdict: Verdict, run: runs.Run, key: str) -> None:
    from fmnist_core.interpretation import attribution  # it brings Keras

    probe = cache.probe(run.run_id, run.tested_at)
    has_maps = bool(attribution.list_layers(probe))
    layer = attribution.find_layer(probe, None).name if has_maps else None
    cells = []
    for name in _METHODS:
        if has_maps or not METHODS[name].needs_maps:
            given = (name, verdict.seen, verdict.class_index, layer)
            found = cache.attribution(run.run_id, run.tested_at, *given)
            note = "" if found.heatmaps.any() else "Nothing here speaks for it."
            cells.append(Cell(name, note, found.values[0], found.heatmaps[0]))
    show_overlay(verdict.seen, [Row(verdict.class_index, "the answer", cells)], key=f"{key} heat")
    st.caption(f"Which pixels speak for {verdict.class_name}. Six methods, and how far to believe them, are on Inside.")


def _show_nearest(verdict: Verdict, run: runs.Run, key: str) -> None:
    if not verdict.neighbors:
        text = "**How far this picture is from all that the network learned from** is not known for this run yet."
        study_progress.provide(run, STUDY, invitation=text, prefix=key)
        return
    data, items = cache.dataset(), np.array(verdict.neighbors)
    labels = data.labels[items]
    same = int((labels == verdict.class_index).sum())
    st.markdown(
        f"**{same} of the {len(items)}** training items that the network finds most alike are labelled "
        f"{verdict.class_name}."
    )
    picked = f"{key} picked"
    item_pictures.grid(
        items,
        data.images[items],
        labels,
        key=f"{key} nearest",
        label="The nearest training items",
        columns=5,
        picked=st.session_state.get(picked),
        on_pick=lambda item: st.session_state.update({picked: item}),
    )
    if st.session_state.get(picked) in verdict.neighbors:
        _link(st.session_state[picked], run)
    else:
        st.caption("Alike in what the last layer but one says of them. Click one to see more of it.")
    if verdict.distance is not None:
        st.progress(
            verdict.distance,
            text=f"{verdict.distance:.1%} of the test items lie nearer to what it learned",
        )


def _link(item: int, run: runs.Run) -> None:
    st.markdown(f"**{name_item(item, int(cache.dataset().labels[item]))}**")
    query = {"item": str(item)}
    with st.container(horizontal=True, gap="small"):
        asked = {"run": run.run_id, **query}
        st.page_link("analysis/inside.py", label="See it inside the network", icon="🔬", query_params=asked)
        st.page_link("data/map.py", label="Find it on the map", icon="🗺️", query_params=query)


def _show_place(verdict: Verdict, run: runs.Run, key: str) -> None:
    config = placing.find_map(run)
    if config is None:
        st.info("There is no map yet. The page Map computes one.")
        return
    data, projection = cache.dataset(), cache.projection(config.key)
    place = placing.find_place(projection, _find_alike(verdict))
    labels = data.labels[place.items]
    figure = plot_placement(
        cache.map_picture(config.key),
        projection.embedding.min(axis=0),
        projection.embedding.max(axis=0),
        place.position,
        place.neighbors,
        labels,
        [name_item(int(item), int(label)) for item, label in zip(place.items, labels, strict=True)],
    )
    st.plotly_chart(figure, key=f"{key} place", config={"displayModeBar": False})
    how = "as the network sees them" if verdict.neighbors else "pixel by pixel"
    names = ", ".join(dict.fromkeys(CLASS_NAMES[label] for label in labels))
    st.caption(
        f"{config.title}, all {len(projection.items):,} items in the colours of their classes. The picture itself was "
        f"not projected: the star stands in the middle of the {len(labels)} training items nearest to it {how} "
        f"(dots: {names})."
    )


def _find_alike(verdict: Verdict) -> Indices:
    if verdict.neighbors:
        return np.array(verdict.neighbors)
    return neighbors.find_nearest(cache.dataset().images[:TRAIN_ITEMS], verdict.seen, N_NEIGHBORS)[0]


_PARTS: dict[str, Callable[[Verdict, runs.Run, str], Any]] = {
    "What it looked at": _show_heat,
    "The nearest training items": _show_nearest,
    "Where it lands on the map": _show_place,
    "What the other networks say": others.show_others,
}
