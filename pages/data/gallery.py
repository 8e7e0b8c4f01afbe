"""Gallery: the garments one by one, and what they are like taken together."""

import streamlit as st

from fmnist_core import sheets
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.exploration import build_item_table, name_item
from fmnist_core.selection import Selection, find_items, take_page
from fmnist_core.splits import Indices, describe_item
from pages.shared import cache, item_pictures, overview
from pages.shared.selection_inputs import choose_page, choose_selection, find_picked, pick

PICTURE, VALUES = "Picture", "Pixel values"
# The values need the room that the grid can spare.
WIDTHS = {PICTURE: [5, 4], VALUES: [2, 5]}
TABLE = {
    "picture": st.column_config.ImageColumn(""),
    "mean": st.column_config.NumberColumn(format="%.1f", help="Mean intensity, 0 to 255"),
    "ink": st.column_config.NumberColumn(format="percent", help="Share of pixels that are garment"),
}


@st.fragment
def show_items(selection: Selection, found: Indices) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        selection = choose_page(selection, len(found))
        st.space("stretch")
        view = st.segmented_control(
            "Detail",
            WIDTHS,
            default=PICTURE,
            required=True,
            key="detail",
            bind="query-params",
            label_visibility="collapsed",
        )
    items = take_page(found, selection)
    images, labels = cache.dataset().images[items], cache.dataset().labels[items]
    picked = find_picked(items)
    grid, detail = st.columns(WIDTHS[view], gap="medium")
    with grid:
        item_pictures.grid(
            items,
            images,
            labels,
            key="grid",
            label=f"Page {selection.page}, {len(items)} items",
            columns=round(selection.size**0.5),
            picked=int(items[picked]),
            on_pick=pick,
        )
    with detail:
        show_item(int(items[picked]), values=view == VALUES)
    offer_files(selection, items)


def show_item(item: int, values: bool) -> None:
    image, class_index = cache.dataset().images[item], int(cache.dataset().labels[item])
    place = describe_item(item)
    with st.container(gap=None):
        st.markdown(f"#### {CLASS_ICONS[class_index]} {CLASS_NAMES[class_index]}")
        st.caption(f"Class {class_index} · official split: {place['split']} · index {place['index']:,}")
    item_pictures.item(
        image,
        class_index,
        cache.class_statistics(class_index),
        key="item",
        name=name_item(item, class_index),
        values=values,
    )


def offer_files(selection: Selection, items: Indices) -> None:
    images, labels = cache.dataset().images[items], cache.dataset().labels[items]
    name = f"fashion-mnist-{selection.part}-{selection.order}-page-{selection.page}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"These {len(items)} items as", width="content")
        st.download_button(
            "CSV", lambda: sheets.export_csv(images, labels), f"{name}.csv", "text/csv", on_click="ignore", key="csv"
        )
        st.download_button(
            "PNG sheet",
            lambda: sheets.export_sheet(images, [CLASS_NAMES[label] for label in labels]),
            f"{name}.png",
            "image/png",
            on_click="ignore",
            key="sheet",
        )
        as_table = st.toggle("Table", key="table", bind="query-params")
    if as_table:
        table = build_item_table(items, images, labels)
        table.insert(0, "picture", [sheets.encode_data_url(image) for image in images])
        st.dataframe(table, hide_index=True, column_config=TABLE)


st.title("Gallery")
st.caption(
    "70,000 garments in ten classes, 28 × 28 pixels each. Click one to look closer, or walk with the arrow keys."
)
items_tab, classes_tab, typical_tab, pixels_tab = st.tabs(
    ["Items", "Classes", "Typical items", "Pixels"], key="view", bind="query-params"
)
if items_tab.open:
    with items_tab:
        try:
            selection = choose_selection()
            show_items(selection, find_items(selection, cache.dataset().labels))
        except InvalidSettingError as error:
            st.error(str(error))
if classes_tab.open:
    with classes_tab:
        overview.show_classes()
if typical_tab.open:
    with typical_tab:
        overview.show_typical_items()
if pixels_tab.open:
    with pixels_tab:
        overview.show_pixels()
