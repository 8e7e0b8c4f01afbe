import re

import pytest

from fmnist_core import networks
from fmnist_core.networks import Network, from_link, save_network, to_link
from fmnist_core.stacks import FLATTEN, STACKS, conv, dense, dropout, pool

TINY = Network("Tiny", (conv(4, 3), pool(), FLATTEN, dense(8)))


@pytest.fixture
def page(open_page):
    return open_page("models/build.py", net=to_link(TINY))


def button(page, label):
    return next(button for button in page.button if button.label == label)


def edited(page):
    """The network as the page's address has it."""
    (link,) = page.query_params["net"] if isinstance(page.query_params["net"], list) else [page.query_params["net"]]
    return from_link(link)


def open_layer(page, position):
    """The list of layers is a component, which cannot be clicked here."""
    page.session_state["network layer"] = position
    return page.run()


def argument(widgets, name):
    """The input of the open layer for an argument."""
    (found,) = (widget for widget in widgets if re.fullmatch(rf"layer \d+ {name}, .*", widget.key or ""))
    return found


def said(page):
    return " ".join(element.value for element in page.markdown)


def test_the_page_begins_with_a_network_that_can_be_trained(open_page):
    page = open_page("models/build.py")
    assert page.title[0].value == "Build"
    assert edited(page).layers == STACKS["threads/model-3"]
    assert "**165,866** parameters" in said(page)
    assert not button(page, "Train it").disabled
    assert button(page, "Undo").disabled
    assert button(page, "Redo").disabled
    assert not page.exception


def test_a_link_brings_its_network(page):
    assert edited(page) == TINY
    assert page.text_input(key="network name").value == "Tiny"
    # 40 of the convolution, 13·13·4 values to eight units, ten classes.
    assert f"**{40 + 676 * 8 + 8 + 90:,}** parameters" in said(page)


def test_a_damaged_link_is_said_and_the_page_goes_on(open_page):
    page = open_page("models/build.py", net="garbage")
    assert [error.value for error in page.error] == ["A link must hold a whole network. Received: 'garbage'."]
    assert edited(page).layers == STACKS["threads/model-3"]
    assert not page.exception


def test_layers_are_added_after_the_open_one_and_opened(page):
    open_layer(page, 0)
    button(page, "Batch normalisation").click().run()
    assert [layer.class_name for layer in edited(page).layers[:3]] == ["Conv2D", "BatchNormalization", "MaxPooling2D"]
    button(page, "Dropout").click().run()
    assert edited(page).layers[2] == dropout(0.25)
    button(page, "Undo").click().run()
    button(page, "Undo").click().run()
    assert edited(page) == TINY
    button(page, "Redo").click().run()
    assert len(edited(page).layers) == 5
    assert not page.exception


def test_what_the_open_layer_takes_can_be_changed(page):
    open_layer(page, 0)
    argument(page.number_input, "filters").set_value(9).run()
    argument(page.selectbox, "padding").set_value("same").run()
    argument(page.selectbox, "activation").set_value("linear").run()
    argument(page.toggle, "use_bias").set_value(False).run()
    assert edited(page).layers[0] == conv(9, 3, "same", activation=None, use_bias=False)
    argument(page.checkbox, "square").set_value(True).run()
    argument(page.number_input, "kernel_size1").set_value(5).run()
    assert edited(page).layers[0].arguments["kernel_size"] == (3, 5)
    argument(page.checkbox, "square").set_value(False).run()
    assert edited(page).layers[0].arguments["kernel_size"] == 3
    for _ in range(7):
        button(page, "Undo").click().run()
    assert edited(page) == TINY
    assert argument(page.number_input, "filters").value == 4
    assert not page.exception


def test_a_value_that_breaks_a_rule_is_refused_and_taken_back(page):
    open_layer(page, 3)
    button(page, "Dropout").click().run()
    argument(page.number_input, "rate").set_value(1.0).run()
    assert [error.value for error in page.error] == [
        "Layer 5, Dropout: `rate` must be a number from 0 to below 1. Received: 1.0."
    ]
    assert argument(page.number_input, "rate").value == 0.25
    page.run()
    assert not page.error


def test_an_impossible_network_says_why_and_cannot_be_trained_or_saved(page):
    open_layer(page, 2)
    button(page, "Convolution").click().run()
    assert "It cannot be trained.** Layer 4, convolution: needs maps of height × width × channels" in said(page)
    train = button(page, "Train it")
    assert train.disabled
    assert train.help.startswith("Layer 4, convolution: needs maps")
    assert button(page, "Save").disabled
    assert not page.exception
    # It can be sent all the same, and undone.
    assert len(edited(page).layers) == 5
    button(page, "Undo").click().run()
    assert not button(page, "Train it").disabled


def test_every_kind_can_be_added_and_opened(open_page):
    from fmnist_core.palette import OFFERS

    page = open_page("models/build.py", net=to_link(Network("Empty", ())))
    assert "It cannot be trained.** Layer 1, dense: needs a flat layer" in said(page)
    for class_name, offer in OFFERS.items():
        page.button(key=f"add-{class_name}").click().run()
        assert edited(page).layers[-1].class_name == class_name
        assert offer.help in [caption.value for caption in page.caption]
        assert not page.exception


def test_one_can_start_from_any_network_of_the_papers_or_from_nothing(page):
    page.selectbox(key="start").set_value("fitch/model-7").run()
    network = edited(page)
    assert network.layers == STACKS["fitch/model-7"]
    assert network.settings == {"batch_size": 128, "validation_split": 0.2}
    assert page.selectbox(key="start").value is None
    page.checkbox(key="network with settings").set_value(False).run()
    assert edited(page).settings is None
    page.selectbox(key="start").set_value("nothing").run()
    assert edited(page).layers == ()
    button(page, "Undo").click().run()
    assert edited(page).layers == STACKS["fitch/model-7"]


def test_a_network_is_saved_by_name_and_found_again(page):
    page.text_input(key="network name").set_value("A small one").run()
    button(page, "Save").click().run()
    assert networks.load_network("a-small-one") == Network("A small one", TINY.layers)
    assert button(page, "Saved").disabled
    open_layer(page, 3)
    argument(page.number_input, "units").set_value(24).run()
    button(page, "Save").click().run()
    assert "another network called “A small one”" in page.warning[0].value
    assert networks.load_network("a-small-one").layers == TINY.layers
    button(page, "Replace it").click().run()
    assert networks.load_network("a-small-one").layers[3] == dense(24)
    page.selectbox(key="start").set_value("nothing").run()
    page.selectbox(key="start").set_value("own/a-small-one").run()
    assert edited(page).layers[3] == dense(24)
    button(page, "Delete “A small one”").click().run()
    assert networks.list_networks().networks == {}
    assert not page.exception


def test_a_bad_name_gives_way_to_the_first_one(page):
    page.text_input(key="network name").set_value("…").run()
    assert edited(page) == Network("My network", TINY.layers)
    assert not page.exception


def test_train_it_goes_to_the_form_with_the_network_chosen(page):
    button(page, "Train it").click().run()
    assert networks.load_network("tiny") == TINY
    assert page.title[0].value == "Train"
    assert page.selectbox(key="recipe").value == "own/tiny"
    assert page.selectbox(key="paper").value == "own"


def test_train_it_asks_before_it_replaces_another_network(page):
    save_network(Network("Tiny", (FLATTEN,)))
    button(page, "Train it").click().run()
    assert page.title[0].value == "Build"
    button(page, "Replace it").click().run()
    assert page.title[0].value == "Train"
    assert networks.load_network("tiny") == TINY
