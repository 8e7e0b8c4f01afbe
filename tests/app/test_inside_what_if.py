import re

import numpy as np
import pytest

from fmnist_core import runs, studies
from fmnist_core.interpretation.changes import CHANGES
from fmnist_core.interpretation.robustness import ITEMS, SETTINGS

RUN = "mcnn-proposed"
ANKLE_BOOT = 60_000


@pytest.fixture
def open_what_if(open_page):
    return lambda **query: open_page("analysis/inside.py", run=RUN, item=str(ANKLE_BOOT), view="What if", **query)


@pytest.fixture
def measured(fmnist_home):
    """Counts as a measurement would leave them: 90% unchanged, and 10% less for each further strength."""
    counts = {}
    for name, change in CHANGES.items():
        steps = np.abs(np.arange(len(change.strengths)) - change.strengths.index(change.neutral))
        counts[name] = (ITEMS * (0.9 - 0.1 * steps)).round().astype(int)
    request = studies.Request(runs.load_run(RUN), "robustness", SETTINGS)
    request.path.parent.mkdir(parents=True)
    np.savez(request.path, items=np.arange(ITEMS), **counts)
    return counts


def read_answer(page):
    (said,) = [text.value for text in page.markdown if text.value.startswith("##### ")]
    return said.removeprefix("##### ")


def test_there_is_a_slider_for_each_change_and_nothing_is_changed_at_first(open_what_if):
    page = open_what_if()
    assert not page.exception
    assert {slider.key: slider.value for slider in page.slider} == {
        f"if-{name}": change.neutral for name, change in CHANGES.items()
    }
    still, before, after = re.fullmatch(r"Still (.*), (.*) → (.*)", read_answer(page)).groups()
    assert (still, before) == ("Ankle boot", after)
    assert page.button(key="as it was").disabled


def test_the_answer_follows_a_slider_and_goes_back(open_what_if):
    page = open_what_if()
    page.slider(key="if-scale").set_value(0.5).run()
    page.slider(key="if-noise").set_value(60).run()
    assert read_answer(page) != "Still Ankle boot, over 99% → over 99%"
    before = read_answer(page)
    page.button(key="as it was").click().run()
    assert read_answer(page) != before
    assert page.slider(key="if-scale").value == 1
    assert not page.exception


def test_a_link_brings_the_changes(open_what_if):
    page = open_what_if(**{"if-rotate": "90", "if-blur": "2.5"})
    assert page.slider(key="if-rotate").value == 90
    assert page.slider(key="if-blur").value == 2.5
    assert not page.exception


def test_the_measurement_is_offered_with_how_long_it_takes(open_what_if):
    page = open_what_if()
    assert any("It takes about" in text.value and "2,000 test items" in text.value for text in page.markdown)
    assert "Compute it" in [button.label for button in page.button]


def test_what_was_measured_is_shown_and_said(open_what_if, measured):
    page = open_what_if()
    assert not page.exception
    (sentence,) = [text.value for text in page.markdown if text.value.startswith("Ten points of accuracy")]
    assert "noise 5%" in sentence
    assert "scale 0.9 ×" in sentence
    assert len([chart for chart in page.get("plotly_chart") if "robustness" in chart.proto.id]) == len(CHANGES)


def test_painting_starts_from_the_item(open_what_if):
    page = open_what_if()
    said = read_answer(page)
    page.toggle(key="if-paint").set_value(True).run()
    assert not page.exception
    assert read_answer(page) == said
