import shutil

import numpy as np
import pytest

from fmnist_core import runs, studies
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.run_data import load_evaluation
from fmnist_core.storage import ASSETS

RUN = "mcnn-proposed"
LAYER = "conv2d_4"


@pytest.fixture
def operate(open_page):
    def open_surgery(run=RUN, **query):
        return open_page("analysis/inside.py", run=run, view="Surgery", **query)

    return open_surgery


def read_accuracy(page):
    (metric,) = (metric for metric in page.metric if metric.label == "Accuracy on a sample")
    return metric.value, metric.delta


def read_captions(page):
    return " ".join(caption.value for caption in page.caption)


def find_own_accuracy(dataset):
    from fmnist_core.interpretation.surgery import draw_sample

    run = runs.load_run(RUN)
    answers = load_evaluation(run)
    places = np.searchsorted(answers.items, draw_sample(run).items)
    right = answers.probabilities[places].argmax(axis=1) == answers.labels[places]
    return f"{right.mean():.1%}"


def test_nothing_silenced_is_the_network_as_it_is(operate, dataset):
    page = operate(operated=LAYER)
    assert not page.exception
    assert read_accuracy(page) == (find_own_accuracy(dataset), "nothing is silenced")
    assert "0 of 128 silenced" in read_captions(page)
    assert "What each class loses" not in [subheader.value for subheader in page.subheader]


def test_all_silenced_leaves_one_answer_for_everything(operate, dataset):
    page = operate(operated=LAYER)
    page.button(key="silence all").click().run()
    value, delta = read_accuracy(page)
    assert value == "10.0%"
    assert delta.endswith(f"points, from {find_own_accuracy(dataset)}")
    assert "128 of 128 silenced" in read_captions(page)
    page.button(key="hear all").click().run()
    assert read_accuracy(page)[0] == find_own_accuracy(dataset)
    assert "silenced" not in page.query_params


def test_channels_in_the_url_are_silenced_and_what_is_none_is_ignored(operate):
    page = operate(operated=LAYER, silenced="3-1-128-x--3")
    assert not page.exception
    assert "2 of 128 silenced" in read_captions(page)
    assert {"What each class loses", "What is confused now"} <= {subheader.value for subheader in page.subheader}
    page.button(key="invert").click().run()
    assert "126 of 128 silenced" in read_captions(page)
    assert page.query_params["silenced"].startswith("0-2-4-5-")


def test_another_layer_begins_with_all_its_channels(operate):
    page = operate(operated=LAYER, silenced="3-1")
    page.selectbox(key="operated").select("dense").run()
    assert "0 of 512 silenced" in read_captions(page)
    assert "silenced" not in page.query_params


def test_after_the_study_the_most_important_channels_are_a_click_away(operate, fmnist_home):
    studies.execute(studies.Request(runs.load_run(RUN), "ablation", {"layer": LAYER}))
    found = studies.load_study(studies.Request(runs.load_run(RUN), "ablation", {"layer": LAYER}))
    dearest = np.argsort(found["accuracies"], kind="stable")[:5]
    page = operate(operated=LAYER)
    page.button(key="silence dearest").click().run()
    assert page.query_params["silenced"] == "-".join(map(str, sorted(dearest)))
    assert "5 of 128 silenced" in read_captions(page)


def test_the_study_is_offered_before_it_is_made(operate):
    page = operate(operated=LAYER)
    assert "Compute it" in [button.label for button in page.button]


def test_the_item_is_answered_anew(operate):
    page = operate(operated=LAYER, item="60000")
    assert any(f"is called **{CLASS_NAMES[9]}**, at over 99%" in text.value for text in page.markdown)
    page.button(key="silence all").click().run()
    assert any("now, no longer Ankle boot" in text.value for text in page.markdown)


def test_a_network_that_was_never_tested_says_so(operate, fmnist_home):
    shutil.copytree(ASSETS / "runs" / RUN, runs.runs_folder() / "untested")
    (runs.runs_folder() / "untested" / "evaluation.npz").unlink()
    page = operate(run="untested")
    assert not page.exception
    assert any("has not been tested" in info.value for info in page.info)
