import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fmnist_core.exploration import compute_class_statistics
from fmnist_core.selection import PARTS, Selection, find_items, take_page
from fmnist_core.splits import SPLITS

SCRIPT = Path(__file__).parents[2] / "pages" / "navigation.py"


def open_gallery(**query: str) -> AppTest:
    app = AppTest.from_file(str(SCRIPT), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def packet(app: AppTest, component: str, position: int = 0) -> tuple[dict, bytes]:
    """Return what the page sends to one of our components: its header and the bytes behind it."""
    sent = [
        element.proto for element in app.get("bidi_component") if element.proto.component_name == f"fmnist_{component}"
    ]
    content = sent[position].bytes
    length = int.from_bytes(content[:4], "little")
    return json.loads(content[4 : 4 + length]), content[4 + length :]


def shown(app: AppTest) -> list[int]:
    return packet(app, "grid")[0]["items"]


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.title, *app.markdown, *app.caption))


def test_first_visit_shows_the_first_25_training_items_and_the_very_first_in_detail(dataset):
    app = open_gallery()
    assert not app.exception
    header, sprite = packet(app, "grid")
    assert header["items"] == list(range(25))
    assert header["picked"] == 0
    assert header["labels"] == dataset.labels[:25].tolist()
    with Image.open(io.BytesIO(sprite)) as picture:
        np.testing.assert_array_equal(np.asarray(picture)[28:56, :28], dataset.images[5])
    assert "🥾 Ankle boot" in texts(app)
    assert "Class 9 · official split: train · index 0" in texts(app)


def test_detail_holds_the_item_and_the_mean_item_of_its_class(dataset):
    header, content = packet(open_gallery(item="3"), "item")
    pixels = np.frombuffer(content, dtype=np.uint8).reshape(2, 28, 28)
    np.testing.assert_array_equal(pixels[0], dataset.images[3])
    dresses = compute_class_statistics(dataset.images[dataset.labels == 3])
    np.testing.assert_array_equal(pixels[1], np.rint(dresses.mean))
    assert header["name"] == "Dress, train item 3"
    counts = np.histogram(dataset.images[3], bins=32, range=(0, 256))[0]
    assert header["histogram"] == pytest.approx((counts[1:] / 784).tolist())


@pytest.mark.parametrize(
    ("query", "selection"),
    [
        (
            {"order": "Random", "shuffle": "7", "size": "100"},
            Selection(order="random", seed=7, size=100),
        ),
        (
            {"order": "Random", "from": "Test items", "page": "2"},
            Selection(order="random", part="test", page=2),
        ),
        (
            {"order": "One class", "class": "Bag", "size": "400", "page": "3"},
            Selection(order="class", class_index=8, size=400, page=3),
        ),
        (
            {"order": "By index", "indices": "4998, 7-9", "from": "Test items"},
            Selection(order="index", indices=(4998, 7, 8, 9), part="test"),
        ),
        (
            {"from": PARTS["mcnn-validation"].title, "size": "225"},
            Selection(part="mcnn-validation", size=225),
        ),
    ],
)
def test_a_link_restores_the_selection(dataset, query, selection):
    app = open_gallery(**query)
    assert not app.exception
    assert shown(app) == take_page(find_items(selection, dataset.labels), selection).tolist()


def test_a_link_restores_the_picked_item():
    app = open_gallery(page="2", item="30")
    assert packet(app, "grid")[0]["picked"] == 30
    assert "official split: train · index 30" in texts(app)


@pytest.mark.parametrize("item", ["99", "-1", "nonsense", "70000"])
def test_an_item_that_is_not_on_the_page_gives_way_to_the_first(item):
    app = open_gallery(item=item)
    assert not app.exception
    assert packet(app, "grid")[0]["picked"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"size": "26"},
        {"page": "0"},
        {"page": "9999"},
        {"page": "x"},
        {"order": "sideways"},
        {"from": "Nowhere"},
        {"view": "None"},
    ],
)
def test_a_damaged_link_falls_back_to_the_default(query):
    app = open_gallery(**query)
    assert not app.exception
    assert shown(app) == list(range(25))


def test_pages_turn_forth_and_back():
    app = open_gallery()
    assert app.button(key="back").disabled
    app.button(key="on").click().run()
    assert shown(app)[0] == 25
    assert "Items 26 to 50 of 60,000" in texts(app)
    app.button(key="back").click().run()
    assert shown(app)[0] == 0


def test_last_page_has_no_next():
    app = open_gallery(**{"from": "Test items", "size": "400", "page": "25"})
    assert app.button(key="on").disabled


def test_another_selection_starts_at_its_first_page():
    app = open_gallery(page="9")
    app.segmented_control(key="size").set_value(100).run()
    assert shown(app) == list(range(100))
    assert app.number_input(key="page").value == 1


def test_indices_outside_the_part_are_explained():
    app = open_gallery(order="By index", indices="10000", **{"from": "Test items"})
    assert not app.exception
    assert [error.value for error in app.error] == ["`indices` must be from 0 to 9,999 in this part. Received: 10,000."]
    app.text_input(key="indices").set_value("9999").run()
    assert shown(app) == [69_999]


def test_pixel_values_are_shown_on_request():
    assert packet(open_gallery(), "item")[0]["view"] == "picture"
    assert packet(open_gallery(detail="Pixel values"), "item")[0]["view"] == "values"


def test_table_lists_what_is_shown():
    app = open_gallery(order="By index", indices="3, 0", table="true")
    table: pd.DataFrame = app.dataframe[0].value
    assert table["item"].tolist() == [3, 0]
    assert table["class_name"].tolist() == ["Dress", "Ankle boot"]
    assert table["picture"].str.startswith("data:image/png;base64,").all()


@pytest.mark.parametrize("cut", SPLITS)
def test_classes_are_counted_for_each_part_of_a_split(cut):
    app = open_gallery(view="Classes", cut=SPLITS[cut].title)
    assert not app.exception
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Pixel range"] == "0 to 255"
    assert metrics["Items"] == ("60,000" if cut == "mcnn" else "70,000")
    parts = 2 if cut == "official" else 3
    assert len(app.get("plotly_chart")) == 2 * parts
    assert SPLITS[cut].description in texts(app)


def test_figures_of_the_official_split():
    app = open_gallery(view="Classes")
    metrics = {metric.label: metric.value for metric in app.metric}
    assert (metrics["Mean"], metrics["Standard deviation"]) == ("72.97", "90.00")
    assert "60,000 items, mean 72.94, standard deviation 90.02" in texts(app)


def test_typical_items_are_three_rows_of_ten():
    app = open_gallery(view="Typical items")
    assert not app.exception
    headers = [packet(app, "grid", position)[0] for position in range(3)]
    assert [header["label"] for header in headers] == ["Mean", "Median", "Standard deviation"]
    for header in headers:
        assert header["labels"] == list(range(10))
        assert header["titles"][3] == f"{header['label']} of class Dress"
        assert not header["pickable"]


def test_pixels_say_which_garments_are_big():
    app = open_gallery(view="Pixels")
    assert not app.exception
    assert "🧶 Pullover covers 62% of its picture, 👡 Sandal 27%" in texts(app)
    assert len(app.get("plotly_chart")) == 11


def test_only_the_open_view_is_computed():
    app = open_gallery(view="Pixels")
    assert not app.get("bidi_component")
    assert not app.number_input
