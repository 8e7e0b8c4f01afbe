import pytest


@pytest.fixture
def open_variance(open_page):
    return lambda **query: open_page("data/map.py", view="Explained variance", **query)


def headings(page):
    return [markdown.value.removeprefix("#### ") for markdown in page.markdown if markdown.value.startswith("#### ")]


def needed(page):
    return {metric.label: metric.value for metric in page.metric}


def error_of_sample(page):
    (sentence,) = [markdown.value for markdown in page.markdown if markdown.value.startswith("**k = ")]
    return sentence


def test_the_numbers_of_all_items_are_told_first(open_variance):
    page = open_variance()
    assert not page.exception
    assert headings(page)[0] == "84 of 784 components hold 90% of the variance"
    assert needed(page) == {"For 80%": "24", "For 90%": "84", "For 95%": "188", "For 99%": "459"}
    assert "29.06% of the variance" in [markdown.value for markdown in page.markdown]


def test_a_class_has_components_of_its_own(open_variance):
    page = open_variance(components_of="Dress")
    assert needed(page) == {"For 80%": "28", "For 90%": "81", "For 95%": "162", "For 99%": "352"}
    # There is nothing to compare along them.
    assert not [heading for heading in headings(page) if heading.startswith("The classes")]


def test_standardised_pixels_need_more_components(open_variance):
    page = open_variance(components_of="Dress", pixel_scale="standardised")
    assert needed(page) == {"For 80%": "53", "For 90%": "120", "For 95%": "217", "For 99%": "442"}
    assert "Its loadings: how each pixel correlates with the component, from −1 to 1." in [
        caption.value for caption in page.caption
    ]


def test_the_component_in_the_url_is_the_one_that_is_shown(open_variance):
    page = open_variance(component="3")
    assert page.number_input(key="component").value == 3
    assert "6.02% of the variance" in [markdown.value for markdown in page.markdown]
    assert "The classes along component 3" in headings(page)
    (read,) = [caption.value for caption in page.caption if "lies highest" in caption.value]
    assert read.startswith("Pullover lies highest and Ankle boot lowest.")
    page.number_input(key="component").set_value(784).run()
    assert "0.00% of the variance" in [markdown.value for markdown in page.markdown]
    assert not page.exception


def test_with_all_components_nothing_is_lost(open_variance):
    page = open_variance(components_of="Dress", k="784")
    assert error_of_sample(page).startswith("**k = 784** holds 100.0% of the variance; 1,000 items are off by 0.0 ")
    page.select_slider(key="k").set_value(0).run()
    assert error_of_sample(page).startswith("**k = 0** holds 0.0% of the variance")
    assert "off by 0.0 " not in error_of_sample(page)


def test_an_item_that_does_not_exist_is_said_beside_the_rest(open_variance):
    page = open_variance(components_of="Dress", rebuilt="70000")
    (error,) = page.error
    assert error.value.endswith("Received: 70000.")
    assert headings(page)[0].endswith("hold 90% of the variance")


def test_other_items_are_drawn_unless_some_are_named(open_variance):
    page = open_variance(components_of="Dress")
    page.button(key="others").click().run()
    page.button(key="others").click().run()
    assert page.query_params["draw"] == "2"
    page.text_input(key="rebuilt").set_value("5, 60000").run()
    assert page.button(key="others").disabled
    assert not page.error


@pytest.mark.parametrize(
    "query",
    [
        {"component": "9999"},
        {"component": "x"},
        {"k": "17"},
        {"components_of": "Hat"},
        {"pixel_scale": "x"},
        {"draw": "-1"},
        {"draw": "9" * 30},
    ],
    ids=str,
)
def test_a_link_that_asks_for_what_there_is_not_still_opens(open_variance, query):
    page = open_variance(**{"components_of": "Dress", **query})
    assert not page.exception
    assert not page.error
    assert headings(page)[0].endswith("hold 90% of the variance")
