"""The curves of a run, its repeats and earlier runs, and what happens inside it."""

import json

import pytest

from fmnist_core import run_data, runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.recipes import load_recipes
from pages.shared import widgets

ACCURACIES = {0: [0.70, 0.80], 1: [0.74, 0.88], 2: [0.60]}


@pytest.fixture
def make_run(fmnist_home):
    """Write the folder of a run that has ended, with an accuracy for each epoch."""
    made = []

    def make(seed=0, accuracies=(0.7, 0.8), recipe="threads/ann", status=runs.FINISHED, inside=True, **settings):
        made.append(None)
        run = runs.create_run(TrainingConfig("threads/ann", epochs=2, seed=seed, **settings), recipe, status=status)
        lines = [f"{n},{1 - a},{a},{1.1 - a},{a - 0.02},0.001,2,900,800," for n, a in enumerate(accuracies, start=1)]
        (run.path / "history.csv").write_text("\n".join([",".join(run_data.HISTORY_COLUMNS), *lines, ""]))
        (run.path / "batches.csv").write_text("epoch,loss,accuracy,seconds\n0.5,0.9,0.4,1\n1,0.5,0.6,2\n")
        if inside:
            rows = [f"{n},{name},2,0.1,0.3" for n in range(1, len(accuracies) + 1) for name in ("1 Dense", "2 Dense")]
            (run.path / "layers.csv").write_text("\n".join([",".join(run_data.LAYER_COLUMNS), *rows, ""]))
        record = run.record | {"created": 1_700_000_000 + len(made), "items": {"train": 320}}
        if status == runs.FINISHED:
            record["result"] = {
                "test_accuracy": accuracies[-1],
                "seconds": 4.0,
                "images_per_second": 900.0,
                "epochs": 2,
            }
        storage.write_json(run.path / "run.json", record)
        return run.run_id

    return make


@pytest.fixture
def repeats(make_run):
    return [
        make_run(seed, accuracies, status=runs.FINISHED if len(accuracies) == 2 else runs.STOPPED)
        for seed, accuracies in ACCURACIES.items()
    ]


def curves(page):
    """The charts of accuracy and loss."""
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    return [chart for chart in charts if chart["layout"].get("title", {}).get("text") in ("Accuracy", "Loss")]


def names(chart):
    return [trace["name"] for trace in chart["data"] if "name" in trace]


def legend(page):
    return " ".join(element.proto.body for element in page.get("html") if "flex-wrap" in element.proto.body)


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def test_repeats_are_shown_as_mean_and_band(open_page, repeats):
    page = open_page("models/train.py", run=repeats[0])
    for chart in curves(page):
        assert names(chart) == ["in the epoch", "mean training", "mean validation"]
        assert sum("fill" in trace for trace in chart["data"]) == 2
    assert "mean of 3 seeds" in legend(page)
    assert any("Seed 0, one of 3 repeats, of which 3 have ended" in caption.value for caption in page.caption)
    # Of the two that have finished: 80% and 88%, which are 4 from their mean and sqrt(2) times that by n - 1.
    assert metrics(page)["Test accuracy ± SD of 2 seeds"] == "84.00% ± 5.66"
    assert metrics(page)["Test accuracy of this seed"] == "80.00%"
    assert not page.exception


def test_a_run_alone_has_neither_band_nor_spread(open_page, make_run):
    page = open_page("models/train.py", run=make_run())
    assert "seeds" not in legend(page)
    assert metrics(page)["Test accuracy"] == "80.00%"
    assert names(curves(page)[0]) == ["in the epoch", "training", "validation"]


def test_earlier_runs_lie_behind_and_can_be_chosen(open_page, make_run):
    earlier = [make_run(recipe=f"own/net-{number}", subset=1_000 + number) for number in range(4)]
    runs.create_run(load_recipes()["baselines/linear-svm"].config, "baselines/linear-svm", status=runs.FINISHED)
    watched = make_run()
    page = open_page("models/train.py", run=watched)
    assert not [title for title in page.multiselect(key="compare").options if "svm" in title]
    assert page.multiselect(key="compare").value == [earlier[3], earlier[2]]
    assert "compare" not in page.query_params
    assert [name[:5] for name in names(curves(page)[0])] == ["net-3", "net-2", "in th", "train", "valid"]
    assert "net-3" in legend(page)
    page.multiselect(key="compare").set_value([earlier[0]]).run()
    assert [name[:5] for name in names(curves(page)[1])] == ["net-0", "in th", "train", "valid"]
    assert page.query_params["compare"] == earlier[0]
    page.multiselect(key="compare").set_value([]).run()
    assert page.query_params["compare"] == "none"
    assert names(curves(page)[0]) == ["in the epoch", "training", "validation"]
    assert not page.exception


def test_a_link_names_the_runs_to_compare_with(open_page, make_run):
    earlier = [make_run(recipe=f"own/net-{number}", subset=1_000 + number) for number in range(3)]
    page = open_page("models/train.py", run=make_run(), compare=f"{earlier[0]},gone,{earlier[1]}")
    assert page.multiselect(key="compare").value == [earlier[0], earlier[1]]
    page = open_page("models/train.py", run=earlier[1], compare="none")
    assert page.multiselect(key="compare").value == []


def test_the_view_decides_what_is_drawn(open_page, make_run):
    page = open_page("models/train.py", run=make_run())
    plain = curves(page)[0]["data"]
    page.slider(key="smoothing").set_value(0.5).run()
    smoothed = curves(page)[0]["data"]
    assert len(smoothed) == 2 * len(plain)
    assert smoothed[-1]["y"] != plain[-1]["y"]
    page.radio(key="axis").set_value("batches").run()
    assert page.query_params["axis"] == "batches"
    assert curves(page)[0]["layout"]["xaxis"]["title"]["text"] == "batch"
    page.toggle(key="log_loss").set_value(True).run()
    assert [chart["layout"]["yaxis"]["type"] for chart in curves(page)] == ["linear", "log"]
    page.toggle(key="inside").set_value(False).run()
    assert not [trace for trace in curves(page)[0]["data"] if trace["name"] == "in the epoch" and len(trace["x"])]
    assert not page.exception


def test_a_link_sets_the_view(open_page, make_run):
    page = open_page("models/train.py", run=make_run(), smoothing="0.9", axis="seconds", inside="false")
    assert page.slider(key="smoothing").value == 0.9
    assert page.radio(key="axis").value == "seconds"
    assert not page.toggle(key="inside").value


def test_the_inside_shows_layers_rate_speed_and_memory(open_page, make_run):
    page = open_page("models/train.py", run=make_run(), watch="Inside")
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    assert names(charts[0]) == ["1 Dense", "2 Dense"]
    assert charts[0]["layout"]["yaxis"]["type"] == "log"
    assert len(charts) == 4
    assert any("vanishes" in caption.value for caption in page.caption)
    page.get("button_group")[0].set_value("weight_norm").run()
    assert any("diverges" in caption.value for caption in page.caption)
    assert page.query_params["of"] == "weight_norm"
    assert not page.exception


def test_an_older_run_has_no_inside_and_says_so(open_page, make_run):
    page = open_page("models/train.py", run=make_run(inside=False), watch="Inside")
    assert [info.value for info in page.info if "before they were recorded" in info.value]
    assert not page.exception


def test_a_classical_classifier_has_no_inside(open_page):
    recipe = load_recipes()["baselines/linear-svm"]
    run = runs.create_run(recipe.config, recipe.name, status=runs.FINISHED)
    page = open_page("models/train.py", run=run.run_id, watch="Inside")
    assert any("has no layers" in info.value for info in page.info)
    assert not page.exception


def test_a_run_that_has_just_begun_can_be_watched(open_page):
    run = runs.create_run(TrainingConfig("threads/ann"), "threads/ann", status=runs.RUNNING)
    page = open_page("models/train.py", run=run.run_id)
    assert [len(trace["x"]) for trace in curves(page)[0]["data"]] == [0, 0, 0]
    inside = open_page("models/train.py", run=run.run_id, watch="Inside")
    assert not page.exception
    assert not inside.exception


def test_too_many_repeats_cannot_be_asked_for(open_page):
    page = open_page("models/train.py", seed=str(2**31 - 2), repeats="3")
    assert page.number_input(key="repeats").value == 3
    assert any("`seed` must be a whole number" in error.value for error in page.error)
    assert next(button for button in page.button if button.label == "Start training").disabled


def test_going_on_is_said_to_make_a_schedule_jump(open_page, make_run):
    for schedule, says in (("constant", False), ("cosine", True)):
        run = make_run(schedule=schedule)
        (runs.runs_folder() / run / "checkpoint.keras").touch()
        page = open_page("models/train.py", run=run)
        assert any("rate jumps up" in caption.value for caption in page.caption) == says


def test_an_address_that_is_late_does_not_bring_back_the_run_from_before(open_page, make_run, monkeypatch):
    before, chosen = make_run(), make_run(subset=900)
    page = open_page("models/train.py", run=before)
    page.selectbox(key="run").set_value(chosen).run()
    # As when somebody clicks before the browser has heard of the new address.
    page.query_params["run"] = before
    page.run()
    assert page.selectbox(key="run").value == chosen
    # Who goes there later means it.
    monkeypatch.setattr(widgets, "_LATE_SECONDS", 0.0)
    page.query_params["run"] = before
    page.run()
    assert page.selectbox(key="run").value == before
