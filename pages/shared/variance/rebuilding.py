"""Garments rebuilt from a few components."""

import numpy as np
import streamlit as st

from fmnist_core import principal, sheets
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.exploration import name_item
from fmnist_core.figures import variance as figures
from fmnist_core.selection import parse_indices
from fmnist_core.splits import ITEMS, Indices
from pages.shared import cache, components
from pages.shared.sections import show_chart, show_head
from pages.shared.variance.basis import Basis

# Dense where a component still changes the picture; with the marks of all items among them.
COUNTS = (0, 1, 2, 3, 5, 8, 10, 15, 20, 25, 35, 50, 75, 84, 100, 150, 188, 250, 459, 600, 784)
SAMPLE = 1_000
MOST_REBUILT = 20


@st.fragment
def show_reconstruction(basis: Basis) -> None:
    """Rebuild items from as many components as the user says."""
    found = cache.components(*basis)
    counts = tuple(count for count in COUNTS if count <= len(found.vectors))
    show_head(
        "Garments rebuilt from a few components",
        "Above the item, below the mean item plus what the first k components add. With 0 all are the mean, with "
        f"{len(found.vectors)} nothing is lost.",
    )
    count = st.select_slider("Components used (k)", counts, 50, key="k", bind="query-params")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Items",
            key="rebuilt",
            bind="query-params",
            max_chars=200,
            placeholder="at random, or such as 0-4, 69999",
            help=f"Up to {MOST_REBUILT} numbers below {ITEMS:,}: first the 60,000 training items, then the test items.",
            width=300,
        )
        st.button("Other items", on_click=_draw_others, key="others", disabled=bool(text.strip()))
    try:
        items = _find_rebuilt(basis, text)
    except InvalidSettingError as error:
        st.error(str(error))
        return
    _show_rebuilt(found, items, count)
    errors = cache.reconstruction_errors(*basis, counts, SAMPLE)
    held = found.explained_variance_ratio[:count].sum()
    st.markdown(
        f"**k = {count}** holds {held:.1%} of the variance; {SAMPLE:,} items are off by "
        f"{errors[counts.index(count)]:.1f} grey levels of 255 on average (root mean square over an item's pixels)."
    )
    show_chart(
        figures.plot_reconstruction_errors(counts, errors, count), "errors", "Mean error by number of components"
    )


def _draw_others() -> None:
    st.query_params["draw"] = str(_read_draw() + 1)


def _read_draw() -> int:
    asked = st.query_params.get("draw", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0


def _find_rebuilt(basis: Basis, text: str) -> Indices:
    if text.strip():
        return np.array(parse_indices(text)[:MOST_REBUILT], dtype=np.int64)
    items = cache.draw_items(basis.class_index, len(CLASS_NAMES), _read_draw())
    return items[np.argsort(cache.dataset().labels[items], kind="stable")]


def _show_rebuilt(found: principal.PrincipalComponents, items: Indices, count: int) -> None:
    images, labels = cache.dataset().images[items], cache.dataset().labels[items]
    scores = principal.compute_scores(found, images, len(found.vectors))
    rebuilt = sheets.to_pixels(principal.reconstruct(found, scores[:, :count]))
    errors = principal.compute_reconstruction_errors(found, images, [count])[:, 0]
    kept = principal.compute_kept_shares(scores, count)
    components.tiles(
        [[sheets.encode_data_url(picture) for picture in pair] for pair in zip(images, rebuilt, strict=True)],
        [
            [CLASS_NAMES[label], f"off by {error:.1f}", f"{share:.1%} kept"]
            for label, error, share in zip(labels, errors, kept, strict=True)
        ],
        [f"{name_item(item, label)}, and rebuilt" for item, label in zip(items, labels, strict=True)],
        key="rebuilt-items",
        label=f"Items, and rebuilt from {count} components",
        columns=10,
        smallest=64,
    )
    st.caption(
        "Off by: root mean square over the pixels, in grey levels of 255. Kept: share of the item's squared distance "
        "from the mean."
    )
