import numpy as np

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures.surgery import plot_ablation, plot_before_and_after

BEFORE = np.full(10, 0.9)
AFTER = np.array([0.9, 0.5, *[0.9] * 7, 0.2])


def test_what_was_is_empty_and_what_is_now_is_filled():
    outline, filled, numbers = plot_before_and_after(BEFORE, AFTER).data
    assert list(outline.x) == BEFORE.tolist()
    assert list(filled.x) == AFTER.tolist()
    assert outline.marker.color == "rgba(0,0,0,0)"
    assert tuple(filled.marker.color) == CLASS_COLORS
    # Only what has changed gets its number, beside the longer bar.
    assert [text.strip() for text in numbers.text] == ["", "50%", *[""] * 7, "20%"]
    assert set(numbers.x) == {0.9}
    assert filled.hovertext[1] == "Trouser: 90.0% before, 50.0% after"


def test_a_class_without_items_has_no_bar_and_says_so():
    outline, filled, numbers = plot_before_and_after(np.full(10, np.nan), np.full(10, np.nan)).data
    assert set(outline.x) == set(filled.x) == {0}
    assert filled.hovertext[0] == "T-shirt/top: unknown before, unknown after"
    assert set(numbers.text) == {""}


def test_the_marked_class_has_a_tick():
    names = plot_before_and_after(BEFORE, AFTER, marked=3).layout.yaxis.ticktext
    assert names[3] == f"✓ <b>{CLASS_NAMES[3]}</b>"
    assert names[4] == CLASS_NAMES[4]


def test_the_dearest_channel_comes_first_and_each_can_be_picked():
    (bars,) = plot_ablation(np.array([0.01, -0.005, 0.1, 0.0]), silenced=[0]).data
    assert [channel for (channel,) in bars.customdata] == [2, 0, 3, 1]
    assert np.allclose(bars.y, [10, 1, 0, -0.5])
    harm, silent, idle, helps = bars.marker.color
    assert len({harm, silent, idle}) == 3
    assert idle == helps
    assert bars.hovertext[0] == "Channel 2: -10.00 points"
    assert {type(entry) for entry in bars.customdata} <= {list, tuple}


def test_only_a_few_channels_are_named_below_their_bars():
    assert plot_ablation(np.array([0.1, 0.2])).layout.xaxis.ticktext == ("1", "0")
    assert not plot_ablation(np.zeros(200)).layout.xaxis.ticktext
