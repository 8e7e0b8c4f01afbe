import numpy as np
import pytest

from fmnist_core import runs, studies
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.interpretation.excitation import PAGE

RUN, LAYER, CHANNELS, LAST = "mcnn-proposed", "conv2d_2", 64, "dense_1"


@pytest.fixture
def open_channels(open_page):
    return lambda **query: open_page("analysis/inside.py", run=RUN, view="Channels", **query)


def keep(study, settings, **arrays):
    request = studies.Request(runs.load_run(RUN), study, settings)
    request.path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(request.path, **arrays)


def make_excitation(name, channels):
    """Channel c answers most to test item c and the eight behind it; channel 1 to nothing."""
    values = np.tile(np.linspace(9, 1, 9, dtype=np.float32), (channels, 1))
    values[1] = 0
    means = np.zeros((channels, 10), np.float32)
    means[:, 3], means[:, 4] = 2.5, -1
    return {
        f"{name}/items": 60_000 + np.arange(channels)[:, None] + np.arange(9),
        f"{name}/values": values,
        f"{name}/positions": np.zeros((channels, 9), np.int32),
        f"{name}/means": means,
        f"{name}/rows": np.tile([0, 9], (7, 1)),
        f"{name}/columns": np.tile([0, 9], (7, 1)),
    }


@pytest.fixture
def studied(fmnist_home):
    """What the studies of the reference run would have found."""
    keep("excitation", {}, **make_excitation(LAYER, CHANNELS), **make_excitation("dense", 512))
    pictures = np.random.default_rng(0).integers(0, 256, (PAGE, 28, 28), np.uint8)
    for first in (256, 320):
        keep("making", {"layer": "dense", "first": first}, images=pictures, values=np.full(PAGE, 18.0))
    keep("making", {"layer": LAYER, "first": 0}, images=pictures, values=np.full(PAGE, 18.0, np.float32))
    keep("making", {"layer": LAST, "first": 0}, images=pictures[:10], values=np.ones(10, np.float32))


def read(page):
    return " ".join(text.value for text in [*page.markdown, *page.caption, *page.subheader, *page.info])


def test_the_studies_are_offered_first(open_channels):
    page = open_channels()
    assert not page.exception
    assert "What excites each channel" in read(page)
    assert "Compute it" in [button.label for button in page.button]


def test_a_channel_in_the_url_is_described(open_channels, studied, dataset):
    page = open_channels(layer=LAYER, channel="5")
    assert not page.exception
    text = read(page)
    assert "Channel 5 of conv2d_2" in text
    labels = dataset.labels[60_005:60_014]
    most = np.bincount(labels).argmax()
    assert f"{(labels == most).sum()} × {CLASS_NAMES[most]}" in text
    assert "answers most to Dress (2.5) and least to Coat (-1)" in text
    assert "Framed" in text
    assert "for what they were made to be" in text


def test_a_silent_channel_says_so(open_channels, studied):
    assert "None of the test items excites it" in read(open_channels(layer=LAYER, channel="1"))


@pytest.mark.parametrize("channel", ["64", "-1", "x", "²"])
def test_a_channel_that_is_none_is_ignored(open_channels, studied, channel):
    page = open_channels(layer=LAYER, channel=channel)
    assert not page.exception
    assert "Channel 64 of" not in read(page)


def test_many_units_come_in_pages_and_a_link_opens_the_right_one(open_channels, studied):
    page = open_channels(layer="dense", channel="333")
    assert not page.exception
    text = read(page)
    assert "6 of 8" in text
    assert "Unit 333 of dense" in text
    page.button(key="channels page-back").click().run()
    assert "5 of 8" in read(page)
