"""What stands beside and below a map: the pinned item with its neighbours, the selection, how good the map is."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from fmnist_core import layers, neighbors, projection_files, sheets
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.exploration import name_item
from fmnist_core.figures.exploration import plot_class_counts
from fmnist_core.map_colors import Answers
from fmnist_core.projection_config import METRICS
from fmnist_core.projection_files import Projection
from fmnist_core.runs import Run
from fmnist_core.splits import Indices, describe_item
from pages.shared import cache, item_pictures, map_progress, pictures, widgets

_NEIGHBORS = 10
_PAGE = 100
# A CSV of the pixels of more items would take the server's memory.
_MOST_PIXELS = 10_000
_NEIGHBOR_METRICS = {key: METRICS[key] for key in ("euclidean", "cosine")}


def name_answers(run: Run) -> tuple[str, float, bool]:
    """Return the arguments by which cache.map_answers knows a run's answers."""
    return run.run_id, run.tested_at, layers.load_layer(run) is not None


def show_pinned(
    item: int | None, run: Run | None, answers: Answers | None, on_pin: Callable[[int | None], None]
) -> Indices:
    """Show the pinned item and those nearest to it, and return these; without one, what there is to try."""
    if item is None:
        st.markdown("#### Put a finger on one")
        st.markdown(
            "- **Hover** over a point to see its garment.\n"
            "- **Click** to pin it; its nearest neighbours then stand here.\n"
            "- **Zoom in** and the points become garments.\n"
            "- **Lasso** a crowd: its classes and its items open below.\n"
            "- **Hide** classes in the legend. Which islands hold more than one class?"
        )
        return np.zeros(0, np.int64)
    data = cache.dataset()
    class_index, place = int(data.labels[item]), describe_item(item)
    with st.container(horizontal=True, gap="small"):
        with st.container(width=112):
            pictures.show_picture(data.images[item], name_item(item, class_index))
        with st.container(gap=None, width="stretch"):
            st.markdown(f"#### {CLASS_ICONS[class_index]} {CLASS_NAMES[class_index]}")
            st.caption(f"{place['split']} item {place['index']:,}{_say_answer(item, run, answers)}")
            st.button("Unpin", on_click=on_pin, args=(None,), key="unpin", type="tertiary")
    return _show_neighbors(item, class_index, run, on_pin)


def _say_answer(item: int, run: Run | None, answers: Answers | None) -> str:
    if run is None or answers is None or np.isnan(answers.probabilities[item, 0]):
        return ""
    row = answers.probabilities[item]
    return f" · {run.recipe} says {CLASS_NAMES[row.argmax()]} ({row.max():.0%})"


def _show_neighbors(item: int, class_index: int, run: Run | None, on_pin: Callable[[int | None], None]) -> Indices:
    data = cache.dataset()
    spaces = {"pixels": "In the pixels"} | ({} if run is None else {"layer": f"As {run.recipe} sees them"})
    with st.container(horizontal=True, gap="small"):
        space = widgets.select("Nearest", spaces, key="near", width="stretch")
        metric = widgets.select("Distance", _NEIGHBOR_METRICS, key="near_metric", width=130)
    features = data.images.reshape(len(data.images), -1)
    if space == "layer" and run is not None:
        layer = map_progress.provide_layer(run)
        if layer is None:
            return np.zeros(0, np.int64)
        features = layer.outputs
    found, distances = neighbors.find_nearest(features, features[item], _NEIGHBORS, metric, exclude=item)
    same = int((data.labels[found] == class_index).sum())
    st.markdown(f"**{same} of the {_NEIGHBORS} nearest** are labelled {CLASS_NAMES[class_index]} too.")
    item_pictures.grid(
        found,
        data.images[found],
        data.labels[found],
        key="neighbors",
        label="Nearest neighbours",
        columns=5,
        titles=[
            f"{name_item(int(other), int(data.labels[other]))}, distance {distance:.4g}"
            for other, distance in zip(found, distances, strict=True)
        ],
        captions=[f"{distance:.3f}" if distance < 10 else f"{distance:,.0f}" for distance in distances],
        on_pick=on_pin,
    )
    st.caption("Below each, how far it is. Click one to go on from there.")
    return found


def say_quality(projection: Projection) -> None:
    """Say in a line how far the map can be trusted."""
    quality = projection.quality
    if quality:
        st.caption(
            f"{projection.config.title}, {len(projection.items):,} items. Ten nearest neighbours name the right class "
            f"for {quality['neighbor_accuracy']:.1%} of the items on this map, for "
            f"{quality['neighbor_accuracy_original']:.1%} where it starts from; trustworthiness "
            f"{quality['trustworthiness']:.3f} of 1. More under How good."
        )


def show_selection(
    items: Indices, projection: Projection, on_pin: Callable[[int | None], None], on_clear: Callable[[], None]
) -> None:
    """Show selected items: how many of each class, the items themselves, and where to take them."""
    data = cache.dataset()
    st.markdown(f"#### {len(items):,} selected")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Project only these", type="primary", key="isolate"):
            on_clear()
            st.query_params["chosen"] = projection_files.keep_items(items)
            map_progress.start_at_once(st.query_params["chosen"])
            st.rerun()  # the whole page
        st.download_button(
            "CSV of places",
            lambda: _write_places(items, projection),
            "fashion-mnist-map.csv",
            "text/csv",
            on_click="ignore",
            key="places",
        )
        st.download_button(
            "CSV of pixels",
            lambda: sheets.export_csv(data.images[items], data.labels[items]),
            "fashion-mnist-selection.csv",
            "text/csv",
            on_click="ignore",
            key="pixels",
            disabled=len(items) > _MOST_PIXELS,
            help=f"For up to {_MOST_PIXELS:,} items" if len(items) > _MOST_PIXELS else None,
        )
        st.button("Clear", on_click=on_clear, key="clear")
    counts, grid = st.columns([4, 6], gap="medium")
    counts.plotly_chart(
        plot_class_counts(np.bincount(data.labels[items], minlength=10)),
        key="selected classes",
        config={"displayModeBar": False},
    )
    with grid:
        page = widgets.turn_pages(-(-len(items) // _PAGE), key="selected page")
        shown = items[(page - 1) * _PAGE : page * _PAGE]
        item_pictures.grid(
            shown,
            data.images[shown],
            data.labels[shown],
            key="selected",
            label="Selected items",
            columns=14,
            on_pick=on_pin,
        )


def _write_places(items: Indices, projection: Projection) -> str:
    table = projection_files.build_table(projection, cache.dataset().labels)
    return table[table["item"].isin(items)].to_csv(index=False)


def show_isolation(n_items: int) -> None:
    """Say that only some items are projected, and offer to go back to everything."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Only **{n_items:,} selected items** are projected.", width="content")
        st.button("Everything", on_click=lambda: st.query_params.pop("chosen", None), key="everything")
