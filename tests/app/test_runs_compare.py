import json

import numpy as np
import pytest

from fmnist_core import runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.run_data import HISTORY_COLUMNS
from fmnist_core.run_labels import Labels

EPOCHS = 4


@pytest.fixture
def make_run(fmnist_home, dataset):
    """Make a finished run of four epochs that is wrong about so many of 200 test items, the first ones."""

    def make(wrong=20, recipe="threads/model-3", **settings):
        run = runs.create_run(TrainingConfig(**settings), recipe, status=runs.FINISHED)
        record = storage.read_json(run.path / "run.json")
        storage.write_json(run.path / "run.json", record | {"items": {"train": 54_000}})
        rows = [f"{n},{1 / n},{1 - 0.3 / n},{1 / n},{1 - 0.4 / n},0.001,2,1000,," for n in range(1, EPOCHS + 1)]
        (run.path / "history.csv").write_text("\n".join([",".join(HISTORY_COLUMNS), *rows]) + "\n")
        items = np.arange(60_000, 60_200)
        labels = dataset.labels[items]
        probabilities = np.eye(10, dtype=np.float32)[(labels + (np.arange(200) < wrong)) % 10]
        np.savez(run.path / "evaluation.npz", items=items, labels=labels, probabilities=probabilities)
        return runs.load_run(run.run_id)

    return make


@pytest.fixture
def open_compare(open_page):
    def open_compare(*names, **query):
        if names:
            query["compare"] = ",".join(names)
        app = open_page("models/runs.py", view="Compare", **query)
        assert not app.exception
        return app

    return open_compare


def read_texts(app):
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info, *app.warning))


def read_traces(app, place=0):
    return json.loads(app.get("plotly_chart")[place].proto.spec)["data"]


def test_at_first_the_references_are_compared(open_compare):
    app = open_compare()
    references = {"fitch-model-7", "lab-afternoon", "lab-half-hour", "mcnn-proposed"}
    assert set(app.multiselect[0].value) == references
    assert set(app.query_params["compare"].split(",")) == references
    assert len(read_traces(app)) == 4
    assert app.dataframe[0].value["run"].tolist() == ["proposed", "model-7", "half-hour", "afternoon"]


def test_a_link_brings_everything_back(open_compare):
    app = open_compare(
        "threads-model-3", "mcnn-proposed", curve="loss", along="seconds", part="both", align="end", log_y="true"
    )
    assert app.multiselect[0].value == ["threads-model-3", "mcnn-proposed"]
    traces = read_traces(app)
    assert [trace["name"] for trace in traces] == [
        "model-3, training",
        "model-3, validation",
        "proposed, training",
        "proposed, validation",
    ]
    assert app.toggle(key="log_y").value


def test_what_is_gone_is_said_and_the_others_are_shown(open_compare):
    app = open_compare("gone-run", "mcnn-proposed", "fitch-model-7")
    assert app.multiselect[0].value == ["mcnn-proposed", "fitch-model-7"]
    assert "not any more: gone-run. The others are shown." in app.warning[0].value
    app.multiselect[0].select("threads-model-3").run()
    assert not app.warning
    assert app.query_params["compare"] == "mcnn-proposed,fitch-model-7,threads-model-3"


def test_a_single_run_is_no_comparison(open_compare):
    app = open_compare("mcnn-proposed")
    assert "at least 2 runs" in app.info[0].value
    assert not app.get("plotly_chart")
    app.multiselect[0].select("fitch-model-7").run()
    assert len(read_traces(app)) == 2


def test_seeds_are_one_line_until_they_are_taken_apart(open_compare, make_run):
    seeds = [make_run(seed=seed, wrong=20 + seed) for seed in range(3)]
    app = open_compare(*(run.run_id for run in seeds), "mcnn-proposed")
    # Two bands of two edges each, a mean and the other run.
    assert len(read_traces(app)) == 6
    table = app.dataframe[0].value
    assert table["run"].tolist() == [
        "mean: model-3 · 3 seeds",
        "model-3 seed 0",
        "model-3 seed 1",
        "model-3 seed 2",
        "proposed",
    ]
    app.toggle(key="pool").set_value(False).run()
    assert len(read_traces(app)) == 4
    assert len(app.dataframe[0].value) == 4


def test_only_the_settings_that_differ_are_shown_first(open_compare, make_run):
    one, two = make_run(batch_size=64), make_run(batch_size=128)
    app = open_compare(one.run_id, two.run_id, below="Settings")
    different, same = (frame.value for frame in app.dataframe)
    assert different.loc["batch size"].tolist() == ["64", "128"]
    assert "learning rate" not in different.index
    assert same.loc["learning rate"].tolist() == ["0.001"]


def test_classes_are_drawn_for_shared_items(open_compare, make_run):
    one, two = make_run(wrong=0), make_run(wrong=200, batch_size=64)
    app = open_compare(one.run_id, two.run_id, below="Classes", score="precision")
    assert [trace["type"] for trace in read_traces(app, 1)] == ["bar", "bar"]
    assert "On the 200 items" in read_texts(app)


def test_pairs_are_judged_in_words(open_compare, make_run):
    better, worse, same = make_run(wrong=10), make_run(wrong=40, batch_size=64), make_run(wrong=11, batch_size=128)
    app = open_compare(better.run_id, worse.run_id, same.run_id, below="Is it chance?")
    texts = read_texts(app).replace("\\", "")
    assert "model-3 batch size 32 is better than model-3 batch size 64 by 15.00 points; that would be chance" in texts
    assert "may be what sets model-3 batch size 32 apart from model-3 batch size 128 (0.50 points)" in texts
    assert "takes several seeds of it" in texts
    assert "corrected for 3 comparisons" in texts


def test_recipes_are_judged_by_their_seeds(open_compare, make_run):
    good = [make_run(wrong=10 + seed, seed=seed) for seed in range(2)]
    bad = [make_run(wrong=40 + seed, seed=seed, batch_size=64) for seed in range(2)]
    app = open_compare(*(run.run_id for run in (*good, *bad)), below="Is it chance?")
    texts = read_texts(app).replace("\\", "")
    assert "model-3 batch size 32 is better than model-3 batch size 64 by 15.00 points" in texts
    assert "94.75 ± 0.35% (2 seeds) against 79.75 ± 0.35% (2 seeds)" in texts
    assert "permutation p = 0.33, which with so few seeds cannot be below 0.33" in texts


def test_names_are_shown_as_they_were_given(open_compare, make_run):
    one, two = make_run(wrong=10), make_run(wrong=40, batch_size=64)
    runs.save_labels(one, Labels(name="**best** of_all"))
    app = open_compare(one.run_id, two.run_id, below="Is it chance?")
    assert r"\*\*best\*\* of\_all is better than model\-3" in read_texts(app)


def test_runs_without_common_items_cannot_be_told_apart(open_compare, make_run):
    one, other = make_run(), make_run(seed=1)
    (other.path / "evaluation.npz").unlink()
    app = open_compare(one.run_id, other.run_id, below="Is it chance?")
    assert "No two of these have been tested on the same items" in app.info[0].value


def test_damaged_answers_are_said(open_compare, make_run):
    one, other = make_run(), make_run(batch_size=64)
    (other.path / "evaluation.npz").write_bytes(b"no archive")
    app = open_compare(one.run_id, other.run_id)
    assert f"The evaluation of {other.run_id} is damaged." in app.warning[0].value
    for below in ("Classes", "Is it chance?"):
        app = open_compare(one.run_id, other.run_id, below=below)
        assert f"The evaluation of {other.run_id} is damaged." in app.info[0].value


def test_tables_and_a_link_are_taken_away(open_compare):
    app = open_compare("mcnn-proposed", "fitch-model-7", below="Take away", along="seconds")
    assert [button.proto.label for button in app.get("download_button")] == [
        "Results (CSV)",
        "Settings that differ (CSV)",
        "Curves (CSV)",
    ]
    assert "compare=mcnn-proposed,fitch-model-7" in app.code[0].value
    assert "along=seconds" in app.code[0].value


def test_a_damaged_link_shows_the_defaults(open_compare):
    app = open_compare("mcnn-proposed", "fitch-model-7", curve="nonsense", along="", align="middle", smooth="much")
    assert len(read_traces(app)) == 2
