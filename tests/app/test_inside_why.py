import shutil

import keras
import numpy as np
import pytest

from fmnist_core import runs, studies
from fmnist_core.config import TrainingConfig
from fmnist_core.storage import ASSETS

ITEM = "60012"

# Now, since a page has 30 seconds: the first operation starts the backend.
keras.ops.zeros(1)


@pytest.fixture
def open_why(open_page):
    return lambda **query: open_page("analysis/inside.py", view="Why", item=ITEM, **query)


@pytest.fixture
def flat_run(fmnist_home):
    """A run whose network has no maps: pixels weighted at random."""
    run = runs.create_run(TrainingConfig("threads/ann"), "threads/ann", status=runs.FINISHED)
    keras.utils.set_random_seed(0)
    pixels = keras.Input((28, 28, 1), dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels))
    keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(x)).save(run.path / "model.keras")
    shutil.copy(ASSETS / "runs" / "mcnn-proposed" / "evaluation.npz", run.path)
    return run


def texts(page):
    return [element.value for kind in (page.markdown, page.caption, page.info) for element in kind]


def test_the_methods_and_classes_that_were_chosen_are_explained(open_why):
    page = open_why(run="mcnn-proposed")
    assert not page.exception
    assert page.pills[0].value == ["grad-cam", "integrated-gradients", "occlusion"]
    said = "\n".join(texts(page))
    for source in ("Selvaraju", "Sundararajan", "Zeiler"):
        assert source in said
    assert "Smilkov" not in said
    page.pills[0].set_value(["smooth-grad"]).run()
    said = "\n".join(texts(page))
    assert "Smilkov" in said
    assert "Selvaraju" not in said
    assert page.selectbox(key="tested").options == ["SmoothGrad"]
    page.pills[0].set_value([]).run()
    assert "Choose at least one method." in texts(page)
    assert not page.exception


def test_the_classes_to_test_are_the_answer_the_truth_and_the_one_asked_for(open_why):
    page = open_why(run="mcnn-proposed")
    # Test item 12 is a sneaker, and taken for one; the second choice is the sandal.
    assert page.selectbox(key="for").options == ["Sneaker", "Sandal"]
    page.selectbox(key="class").set_value("0").run()
    assert page.selectbox(key="for").options == ["Sneaker", "T-shirt/top"]
    page = open_why(run="mcnn-proposed", **{"class": "8"})
    assert page.selectbox(key="for").options == ["Sneaker", "Bag"]


def test_grad_cam_offers_layers_with_maps_and_begins_with_one_that_is_not_too_coarse(open_why):
    page = open_why(run="mcnn-proposed")
    layers = page.selectbox(key="cam")
    assert layers.value == "batch_normalization_3"
    assert layers.options[0] == "conv2d · 28 × 28"
    assert layers.options[-1] == "batch_normalization_4 · 2 × 2"


def test_a_network_without_maps_says_why_and_offers_the_rest(open_why, flat_run):
    page = open_why(run=flat_run.run_id)
    assert not page.exception
    assert any("No layer of this network makes maps larger than 1 × 1" in info.value for info in page.info)
    assert page.pills[0].options == ["Gradient", "SmoothGrad", "Integrated gradients", "Occlusion"]
    assert page.pills[0].value == ["integrated-gradients", "occlusion"]
    assert "cam" not in [box.key for box in page.selectbox]


def test_the_tests_are_made_when_they_are_opened(open_why):
    page = open_why(run="mcnn-proposed")
    assert not any("Area under the curve" in text for text in texts(page))
    for key in ("forgetting", "removing", "trusting"):
        page.session_state[key] = True
    page.selectbox(key="tested").set_value("integrated-gradients").run()
    assert not page.exception
    said = "\n".join(texts(page))
    assert "**Take care:** a network that knows nothing" in said or "**It passes:**" in said
    assert "Area under the curve: deletion **0." in said
    assert "All methods on 100 test items." in said
    assert [button.label for button in page.button if button.key and button.key.startswith("compute heat-maps")]


def test_a_comparison_that_was_made_is_a_table_with_the_best_method_first(open_why, fmnist_home):
    run = runs.load_run("mcnn-proposed")
    request = studies.Request(run, "heat-maps", {})
    request.path.parent.mkdir(parents=True)
    deletion, insertion = np.array([[0.5, 0.3], [0.1, 0.3], [0.6, 0.6]]), np.array([[0.5, 0.7], [0.8, 0.8], [0.5, 0.5]])
    methods = np.array(["saliency", "occlusion", "random"])
    np.savez(request.path, methods=methods, deletion=deletion, insertion=insertion)
    page = open_why(run="mcnn-proposed")
    page.session_state["trusting"] = True
    page.run()
    table = page.dataframe[0].value
    assert table["method"].tolist() == ["Occlusion", "Gradient", "At random"]
    assert table["deletion"].tolist() == ["0.200 ± 0.100", "0.400 ± 0.100", "0.600 ± 0.000"]
    assert table["insertion − deletion"].tolist() == [0.6, 0.2, -0.1]
    assert any(text.startswith("**Occlusion** finds best") for text in texts(page))


def test_a_blank_drawing_of_one_s_own_has_nothing_to_show_and_breaks_nothing(open_page):
    page = open_page("analysis/inside.py", view="Why", item="own", run="mcnn-proposed")
    for key in ("forgetting", "removing"):
        page.session_state[key] = True
    page.run()
    assert not page.exception
    assert any("Area under the curve" in text for text in texts(page))


def test_a_link_names_the_methods(open_why):
    page = open_why(run="mcnn-proposed", methods="Occlusion")
    assert page.pills[0].value == ["occlusion"]
