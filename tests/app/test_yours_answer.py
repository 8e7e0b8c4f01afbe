import numpy as np
import pytest

from fmnist_core import projection_files, runs, studies
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.trust import STUDY
from fmnist_core.trust_fitting import build_trust
from pages.shared.canvas import encode_sheet
from tests.app.test_gallery import packet

HEAT, NEAREST, PLACE, OTHERS = (
    "What it looked at",
    "The nearest training items",
    "Where it lands on the map",
    "What the other networks say",
)
RUN = "mcnn-proposed"


@pytest.fixture
def open_answer(open_page):
    """Open the page with an item on the canvas and some parts of the closer look open."""

    def open_answer(image, *parts, **query):
        page = open_page("classify/yours.py", run=RUN, **query)
        page.session_state["drawing_kept"] = {"sheet": encode_sheet(np.kron(image, np.ones((10, 10), np.uint8)))}
        page.session_state["drawing_kept"]["version"] = 0
        for part in parts:
            page.session_state[f"drawing {part}"] = True
        return page.run(timeout=120)

    return open_answer


@pytest.fixture
def known(fmnist_home):
    """See to it that something is known of the run; who its neighbours are is left to chance."""
    run = runs.load_run(RUN)
    outputs = np.random.default_rng(0).random((60, 512), np.float32)
    checksum = projection_files.checksum(run.path / "model.keras")
    arrays = build_trust(checksum, outputs, np.arange(50), np.arange(50, 60)).to_arrays()
    path = studies.Request(run, STUDY, {}).path
    path.parent.mkdir(parents=True)
    np.savez_compressed(path, **arrays)


def captions(page):
    return " ".join(caption.value for caption in page.caption)


def test_nothing_is_looked_at_closer_until_it_is_opened(open_answer, dataset):
    page = open_answer(dataset.test_images[0])
    assert not page.exception
    assert [part.label for part in page.expander if part.label in (HEAT, NEAREST, PLACE, OTHERS)] == [
        HEAT,
        NEAREST,
        PLACE,
        OTHERS,
    ]
    assert not page.dataframe
    assert "Six methods" not in captions(page)


def test_a_blank_sheet_has_nothing_to_be_looked_at(open_answer):
    page = open_answer(np.zeros((28, 28), np.uint8))
    assert page.subheader[0].value == "✏️ Nothing drawn yet"
    assert HEAT not in [part.label for part in page.expander]


def test_each_part_is_shown_once_it_is_open(known, open_answer, dataset):
    page = open_answer(dataset.test_images[1], HEAT, NEAREST, PLACE, OTHERS)  # a pullover
    assert not page.exception
    heat, _ = packet(page, "overlay")
    assert [row["title"] for row in heat["rows"]] == ["Pullover"]
    assert [cell["title"] for cell in heat["rows"][0]["cells"]] == ["Occlusion", "Grad-CAM"]
    nearest, _ = packet(page, "grid")
    assert len(set(nearest["items"])) == 5
    assert max(nearest["items"]) < 60_000
    assert nearest["labels"] == dataset.labels[nearest["items"]].tolist()
    same = nearest["labels"].count(CLASS_NAMES.index("Pullover"))
    said = [markdown.value for markdown in page.markdown]
    assert any(text.startswith(f"**{same} of the 5** training items") for text in said)
    assert "The picture itself was not projected" in captions(page)


def test_a_neighbor_that_is_picked_leads_to_other_pages(known, open_answer, dataset):
    page = open_answer(dataset.test_images[1], NEAREST)
    item = packet(page, "grid")[0]["items"][2]
    page.session_state["drawing picked"] = item
    page.run(timeout=60)
    assert packet(page, "grid")[0]["picked"] == item
    links = [link.proto for link in page.get("page_link")]
    assert {"See it inside the network", "Find it on the map"} <= {link.label for link in links}
    queries = [link.query_string for link in links if link.label in ("See it inside the network", "Find it on the map")]
    assert all(f"item={item}" in query for query in queries)


def test_other_networks_are_asked_about_the_same_picture(open_answer, dataset):
    import keras

    own = runs.create_run(TrainingConfig("threads/ann"), "threads/ann", status=runs.FINISHED)
    broken = runs.create_run(TrainingConfig("threads/ann"), "threads/model-2", status=runs.FINISHED)
    (broken.path / "model.keras").write_bytes(b"no network")
    keras.utils.set_random_seed(0)
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels))
    # It says Bag, whatever it is shown.
    sure = keras.layers.Dense(10, "softmax", bias_initializer=keras.initializers.Constant(8.0 * np.eye(10)[8]))(flat)
    keras.Model(pixels, sure).save(own.path / "model.keras")
    page = open_answer(dataset.test_images[1], OTHERS)
    assert not page.exception
    table = page.dataframe[0].value
    answers = dict(zip(table["Run"], table["Answer"], strict=True))
    assert answers[own.title] == "👜 Bag"
    assert answers[broken.title] == "cannot be asked"
    assert table["Run"].iloc[0] == runs.load_run(RUN).title
    page.multiselect(key="drawing others").set_value([own.run_id]).run(timeout=60)
    assert broken.title not in list(page.dataframe[0].value["Run"])


def test_for_a_run_of_which_nothing_is_known_it_can_be_found_out(open_answer, dataset):
    import keras

    own = runs.create_run(TrainingConfig("threads/ann"), "threads/ann", status=runs.FINISHED)
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels))
    keras.Model(pixels, keras.layers.Dense(10, "softmax")(flat)).save(own.path / "model.keras")
    page = open_answer(dataset.test_images[1], NEAREST, PLACE, HEAT)
    page.selectbox(key="run").select(own.run_id).run(timeout=60)
    assert not page.exception
    assert any("is not known for this run yet" in markdown.value for markdown in page.markdown)
    assert any(button.label == "Compute it" for button in page.button)
    # The map does without, and so does the heat map without Grad-CAM.
    assert "nearest to it pixel by pixel" in captions(page)
    assert [cell["title"] for cell in packet(page, "overlay")[0]["rows"][0]["cells"]] == ["Occlusion"]
