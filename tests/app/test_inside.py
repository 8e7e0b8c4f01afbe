import keras
import numpy as np
import pytest

from fmnist_core import architectures, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.stacks import Layer
from pages.shared.inside import wording

SHIPPED = "mcnn-proposed"


@pytest.fixture
def open_inside(open_page):
    return lambda **query: open_page("analysis/inside.py", **query)


@pytest.fixture
def make_run(fmnist_home):
    """Make a run whose network is of some layers, untrained and untested."""

    def make_run(*stack):
        keras.utils.set_random_seed(0)
        run = runs.create_run(TrainingConfig(split="official"), "threads/model-3", status=runs.FINISHED)
        architectures.build_model(stack).save(run.path / "model.keras")
        return run

    return make_run


def read_texts(page):
    return [text.value for text in (*page.markdown, *page.caption, *page.info)]


def test_a_first_visit_looks_at_a_mistake_of_the_shipped_run(open_inside):
    page = open_inside()
    assert page.selectbox(key="run").value == SHIPPED
    answers = np.load(runs.load_run(SHIPPED).path / "evaluation.npz")
    first = answers["items"][answers["probabilities"].argmax(axis=1) != answers["labels"]][0]
    (caption,) = (text for text in read_texts(page) if "Wrong: it is" in text)
    assert f"test item {first - 60_000}" in caption
    assert any(text.startswith("##### Convolution · conv2d, channel") for text in read_texts(page))
    assert not page.exception


def test_an_item_of_the_url_is_shown(open_inside):
    page = open_inside(run=SHIPPED, item="60000")
    assert "#### Ankle boot, over 99%" in read_texts(page)
    assert "Ankle boot, test item 0. Right." in read_texts(page)


@pytest.mark.parametrize("item", ["70000", "-1", "x", "", "²", "1e3", "9" * 400])
def test_an_item_that_is_none_gives_way_to_the_first_one(open_inside, item):
    page = open_inside(run=SHIPPED, item=item)
    assert any("test item 23. Wrong" in text for text in read_texts(page))
    assert not page.exception


def test_a_drawing_that_is_not_there_is_an_empty_sheet(open_inside):
    page = open_inside(run=SHIPPED, item="own")
    assert "Your drawing. Nobody but you knows what it is." in read_texts(page)
    assert not page.exception


def test_the_buttons_take_another_item(open_inside):
    page = open_inside(run=SHIPPED, item="60000")
    page.button(key="err").click().run()
    item = int(np.ravel(page.query_params["item"])[0])
    answers = np.load(runs.load_run(SHIPPED).path / "evaluation.npz")
    (place,) = np.flatnonzero(answers["items"] == item)
    assert answers["probabilities"][place].argmax() != answers["labels"][place]
    page.button(key="any Bag").click().run()
    assert any(text.startswith("Bag, test item") for text in read_texts(page))


def test_a_layer_and_a_channel_of_the_url_are_explained(open_inside):
    page = open_inside(run=SHIPPED, item="60000", layer="max_pooling2d_1", channel="7")
    assert "##### Max pooling · max_pooling2d_1, channel 7 of 32" in read_texts(page)
    assert any(text.startswith("Of each window of 2 × 2 pixels the largest value stays.") for text in read_texts(page))


@pytest.mark.parametrize(("layer", "channel"), [("nowhere", "0"), ("conv2d", "32"), ("conv2d", "-1"), ("conv2d", "²")])
def test_layers_and_channels_that_are_none_give_way_to_the_strongest(open_inside, layer, channel):
    page = open_inside(run=SHIPPED, item="60000", layer=layer, channel=channel)
    assert any(text.startswith("##### Convolution · conv2d, channel 30 of 32") for text in read_texts(page))
    assert not page.exception


def test_every_layer_of_the_shipped_network_can_be_opened(open_inside):
    from fmnist_core.interpretation.probing import Probe

    page = open_inside(run=SHIPPED, item="60012")
    for layer in Probe.load(runs.load_run(SHIPPED).path / "model.keras").layers:
        page.query_params["layer"] = layer.name
        page.run()
        assert any(f"· {layer.name}, " in text for text in read_texts(page)), layer.name
        assert not page.exception


def test_filters_are_another_view(open_inside):
    page = open_inside(run=SHIPPED, show="filters", layer="conv2d_1", channel="3")
    assert "**Filter 3 of conv2d_1**, its 32 kernels" in read_texts(page)
    page = open_inside(run=SHIPPED, show="filters", layer="dense", channel="300")
    assert "**Filter 0 of conv2d**, its kernel" in read_texts(page)


def test_a_network_without_convolutions_has_layers_but_no_filters(open_inside, make_run):
    run = make_run(Layer("Flatten", {}), Layer("Dense", {"units": 12, "activation": "tanh"}))
    page = open_inside(run=run.run_id)
    assert any(text.startswith("##### Dense · ") and text.endswith("12 units") for text in read_texts(page))
    # It has not been tested, so that its mistakes are not known.
    assert any("test item 0." in text for text in read_texts(page))
    assert not [button for button in page.button if button.label == "A mistake"]
    page = open_inside(run=run.run_id, show="filters")
    assert "This network has no convolutions, so it has no filters either." in read_texts(page)
    assert not page.exception


def test_an_untrained_network_of_many_kinds_opens_at_each_of_its_layers(open_inside, make_run):
    run = make_run(
        Layer("ZeroPadding2D", {"padding": 2}),
        Layer("RepeatChannels", {"times": 3}),
        Layer("Residual", {"filters": 40, "strides": 4}),
        Layer("Activation", {"activation": "gelu"}),
        Layer("UpSampling2D", {"size": 2, "interpolation": "bilinear"}),
        Layer("AveragePooling2D", {"pool_size": 16, "padding": "same"}),
        Layer("GlobalAveragePooling2D", {}),
        Layer("BatchNormalization", {}),
    )
    from fmnist_core.interpretation.probing import Probe

    page = open_inside(run=run.run_id)
    assert any("The best guess, " in text for text in read_texts(page))
    for layer in Probe.load(run.path / "model.keras").layers:
        page.query_params["layer"] = layer.name
        page.run()
        assert any(f"· {layer.name}, " in text for text in read_texts(page)), layer.name
        assert not page.exception


def test_a_classical_classifier_says_why_it_has_no_inside(open_inside, fmnist_home):
    run = runs.create_run(
        TrainingConfig("baselines/random-forest", split="official", epochs=1),
        "baselines/random-forest",
        status=runs.FINISHED,
    )
    page = open_inside(run=run.run_id)
    assert "A classical classifier has no layers and no gradients, and keeps its answers only." in read_texts(page)


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (
            keras.layers.Conv2D(4, (3, 5), strides=2, padding="same", activation="relu"),
            "A window of 3 × 5 pixels in each of 8 maps, times the kernels of this filter, summed, plus one bias, "
            "then ReLU. The window moves by 2 pixels. Beyond the edges it finds zeros.",
        ),
        (
            keras.layers.Conv2D(4, 3, dilation_rate=2, use_bias=False),
            "A window of 3 × 3 pixels in each of 8 maps, times the kernels of this filter, summed. The window moves by "
            "one pixel. Its pixels lie 2 × 2 apart.",
        ),
        (
            keras.layers.AveragePooling2D((2, 3)),
            "Of each window of 2 × 3 pixels the mean stays. The window moves by 2 down, 3 across.",
        ),
        (
            keras.layers.Dense(4, activation="tanh"),
            "A weighted sum of all 8 inputs plus a bias, then tanh. Shown are the terms that weigh most.",
        ),
        (keras.layers.UpSampling2D((2, 3)), "Each pixel becomes 2 × 3 of the same value."),
        (keras.layers.ReLU(), "Each value goes through ReLU by itself."),
    ],
)
def test_layers_are_told_in_words(layer, sentence):
    assert wording.explain_layer(layer, type(layer).__name__, inputs=8, channel=0) == sentence


def test_a_normalization_is_told_in_its_numbers():
    layer = keras.layers.BatchNormalization(epsilon=0)
    layer.build((None, 2))
    layer.set_weights([np.array(values, np.float32) for values in ([1, 3], [0, 0.5], [0, 2], [1, 4])])
    # (x − 2) / 2 · 3 + 0.5
    told = wording.explain_layer(layer, "FusedBatchNormalization", inputs=2, channel=1)
    assert told.startswith("Multiplied by 1.5, then −2.5:")


def test_a_kind_unknown_to_us_is_named():
    layer = keras.layers.GaussianNoise(0.1)
    assert wording.explain_layer(layer, "GaussianNoise", 1, 0) == "A layer of the kind GaussianNoise, as Keras has it."
