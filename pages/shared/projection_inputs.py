"""The inputs that choose a projection: how, from what, of which items. All of it stands in the URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core import map_colors, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.projection_config import METHODS, METRICS, SPACES, ProjectionConfig
from fmnist_core.selection import PARTS
from pages.shared import widgets

_LARGEST_SEED = 2**31 - 1
_DIMENSIONS = {"2": "2-D", "3": "3-D"}
_IN_URL = {"bind": "query-params", "persist_state": "session"}
# Settings that stand in the URL under a shorter name.
_PARAMETERS = {"n_components": "components", "from_class": "from", "to_class": "to", "run_id": "run"}
_CLASSES = {name.lower().replace("/", "-").replace(" ", "-"): name for name in CLASS_NAMES}


@dataclass(frozen=True)
class MapChoice:
    """What the inputs ask for.

    Attributes:
        settings: of a `ProjectionConfig`; they may contradict each other.
        color: key of `map_colors.COLORS`.
        run: whose network is asked about the items; None if there is none with a network.
    """

    settings: Mapping[str, Any]
    color: str
    run: runs.Run | None


def choose_map() -> MapChoice:
    """Show the inputs of a map, in one row and the rest folded away, and return what they ask for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = widgets.select(
            "Projection",
            {key: method.title for key, method in METHODS.items()},
            key="method",
            default="umap",
            widget=st.segmented_control,
        )
        dimensions = widgets.select("Show", _DIMENSIONS, key="dimensions", widget=st.segmented_control, required=True)
        axis = _choose_axis() if method == "axis" else {}
        space = widgets.select("Starts from", SPACES, key="space", default="components", width=230)
        colors = {key: kind.title for key, kind in map_colors.COLORS.items()}
        color = widgets.select("Colour", colors, key="color", width=150)
        run = _choose_run(shown=space == "layer" or map_colors.COLORS[color].needs_run)
        with st.popover("Settings", icon="⚙️"):
            st.caption(METHODS[method].description)
            details = _choose_details(method, space)
            chosen = st.query_params.get("chosen", "")
            items = {"chosen": chosen} if chosen else _choose_items()
    settings = {"method": method, "dimensions": int(dimensions), "space": space, **axis, **details, **items}
    if space == "layer" and run is not None:
        settings["run_id"] = run.run_id
    return MapChoice(settings, color, run)


def write_query(config: ProjectionConfig) -> dict[str, str]:
    """Return the query parameters with which the inputs ask for a projection."""
    keys = list(_CLASSES)
    values = {_PARAMETERS.get(name, name): value for name, value in config.relevant.items() if name != "network"}
    values |= {name: keys[values[name]] for name in ("from", "to") if name in values}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def _choose_axis() -> dict[str, int]:
    keys = list(_CLASSES)
    start = widgets.select("From", _CLASSES, key="from", default="coat", width=140)
    end = widgets.select("To", _CLASSES, key="to", default="shirt", width=140)
    return {"from_class": keys.index(start), "to_class": keys.index(end)}


def _choose_details(method: str, space: str) -> dict[str, Any]:
    default = ProjectionConfig()
    details: dict[str, Any] = {}
    if space == "components":
        details["n_components"] = st.number_input(
            "Principal components", 2, 784, default.n_components, key="components", **_IN_URL
        )
    details["standardised"] = st.toggle(
        "Standardised", key="standardised", help="Give every pixel the same variance first.", **_IN_URL
    )
    relevant = METHODS[method].settings
    if "n_neighbors" in relevant:
        details["n_neighbors"] = st.number_input(
            "Neighbours",
            2,
            200,
            default.n_neighbors,
            key="n_neighbors",
            help="Few show fine threads, many the large families.",
            **_IN_URL,
        )
    if "min_dist" in relevant:
        details["min_dist"] = st.number_input(
            "Smallest distance",
            0.0,
            0.99,
            default.min_dist,
            0.05,
            key="min_dist",
            help="How tightly UMAP may pack items that are alike.",
            **_IN_URL,
        )
    if "perplexity" in relevant:
        details["perplexity"] = st.number_input(
            "Perplexity",
            2.0,
            100.0,
            default.perplexity,
            5.0,
            key="perplexity",
            help="About how many neighbours each item minds.",
            **_IN_URL,
        )
    if "metric" in relevant:
        details["metric"] = widgets.select("Distance", METRICS, key="metric")
    if "seed" in relevant:
        details["seed"] = st.number_input("Seed", 0, _LARGEST_SEED, 0, key="seed", **_IN_URL)
    return details


def _choose_items() -> dict[str, Any]:
    parts = {key: part.title for key, part in PARTS.items()}
    settings: dict[str, Any] = {"part": widgets.select("Items", parts, key="part", default="all")}
    settings["per_class"] = st.number_input(
        "Of each class", 0, 7_000, 0, 500, key="per_class", help="0 takes all of them.", **_IN_URL
    )
    if settings["per_class"]:
        settings["items_seed"] = st.number_input("Seed of the choice", 0, _LARGEST_SEED, 0, key="items_seed", **_IN_URL)
    return settings


def _choose_run(shown: bool) -> runs.Run | None:
    choices = sorted(runs.list_runs().with_model(), key=lambda run: not run.shipped)
    if shown and choices:
        return widgets.pick_run(choices)
    chosen = st.query_params.get("run")
    return next((run for run in choices if run.run_id == chosen), choices[0] if choices else None)
