import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest

from fmnist_core import devices, processes, recording, run_data, run_requests, run_status, runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError
from fmnist_core.telemetry import as_input, predict_probabilities

# Quick: no convolution, and few items to train on and to validate with.
QUICK = TrainingConfig("threads/ann", epochs=3, subset=640, batch_size=4, validation_split=1 / 60)
STEPS = 160


def epochs_kept(run):
    return sorted(path.name for path in (run.path / "epochs").iterdir())


def temporary_files(run):
    return [path.name for path in run.path.rglob(".*")]


def assert_history_is_whole(run, epochs):
    """Every epoch once, in order, with its probabilities and layers, and points that lead from one to the next."""
    history, batches = run_data.load_history(run), run_data.load_batches(run)
    layers = run_data.load_layers(run)
    n_layers = layers["layer"].nunique()
    assert layers["epoch"].tolist() == [epoch for epoch in range(1, epochs + 1) for _ in range(n_layers)]
    assert layers["layer"].tolist() == layers["layer"].head(n_layers).tolist() * epochs
    assert (layers[["weight_norm", "change", "gradient_norm"]] > 0).all(axis=None)
    assert history["epoch"].tolist() == list(range(1, epochs + 1))
    assert history[["loss", "accuracy", "val_loss", "val_accuracy"]].notna().all(axis=None)
    assert epochs_kept(run) == [*(f"{epoch:04d}.npz" for epoch in range(1, epochs + 1)), "items.npz"]
    assert batches["epoch"].is_monotonic_increasing
    assert batches["epoch"].is_unique
    assert set(range(1, epochs + 1)) <= set(batches["epoch"])


# A run that ended well


def test_a_finished_run_has_every_file_of_the_contract(finished_run):
    assert sorted(path.name for path in finished_run.path.iterdir()) == [
        "batches.csv",
        "checkpoint.keras",
        "epochs",
        "evaluation.npz",
        "history.csv",
        "layers.csv",
        "model.keras",
        "run.json",
    ]
    assert epochs_kept(finished_run) == ["0001.npz", "0002.npz", "items.npz"]
    assert temporary_files(finished_run) == []


def test_its_record_tells_how_and_where_it_was_trained(finished_run, small_config):
    record = finished_run.record
    assert finished_run.status == runs.FINISHED
    assert finished_run.config == small_config
    assert record["created"] <= record["started"] < record["finished"] == pytest.approx(record["heartbeat"], abs=1)
    assert record["items"] == {"train": 3_000, "validation": 1_000, "test": 10_000}
    assert record["device"].startswith(("CPU ", "GPU "))
    assert record["precision"] == "float32"
    assert record["versions"]["keras"] == keras.__version__
    assert record["versions"][record["versions"]["backend"]]
    result = record["result"]
    assert set(result) == {"test_accuracy", "seconds", "images_per_second", "epochs"}
    assert result["epochs"] == 2
    assert 0 < result["seconds"] < record["finished"] - record["started"]
    assert result["images_per_second"] == pytest.approx(6_000 / result["seconds"])


def test_its_history_has_a_row_an_epoch_and_its_points_are_those_that_were_heard(finished_run, rehearsal):
    history = run_data.load_history(finished_run)
    assert tuple(history.columns) == run_data.HISTORY_COLUMNS
    *heard_of, memory, device_memory = run_data.HISTORY_COLUMNS
    # A process with TensorFlow in it.
    assert (history[memory] > 200).all()
    assert history[device_memory].notna().all() == bool(devices.list_gpus())
    for column in heard_of:
        heard = [getattr(record, column) for record in rehearsal.records]
        assert history[column].tolist() == pytest.approx(heard, rel=1e-5)
    batches = run_data.load_batches(finished_run)
    for column in run_data.BATCH_COLUMNS:
        heard = [getattr(point, column) for point in rehearsal.points]
        assert batches[column].tolist() == pytest.approx(heard, rel=1e-5, abs=1e-6)


def test_its_layers_have_the_norms_of_its_checkpoint(finished_run):
    layers = run_data.load_layers(finished_run)
    assert layers["layer"].tolist() == ["1 Conv2D", "2 Conv2D", "3 Dense", "4 Dense"] * 2
    first = keras.saving.load_model(finished_run.path / "checkpoint.keras").layers[1]
    norm = np.sqrt(sum((weight**2).sum() for weight in first.get_weights()))
    assert layers["weight_norm"].iloc[4] == pytest.approx(norm, rel=1e-5)
    # The second epoch moves the weights less far than the first, and neither by their whole length.
    changes = layers["change"].to_numpy().reshape(2, 4)
    assert (changes[0] > changes[1]).all()
    assert (changes < 1).all()


def test_the_probabilities_of_every_epoch_give_its_validation_accuracy(finished_run, dataset):
    items = run_data.load_epoch_items(finished_run)
    np.testing.assert_array_equal(items, np.arange(59_000, 60_000))
    with np.load(finished_run.path / "epochs" / "0001.npz") as arrays:
        assert arrays["probabilities"].dtype == np.float16
    for epoch, expected in enumerate(run_data.load_history(finished_run)["val_accuracy"], start=1):
        probabilities = run_data.load_epoch(finished_run, epoch)
        assert probabilities.shape == (1_000, 10)
        # In half precision two classes may tie.
        right = (probabilities.argmax(axis=1) == dataset.labels[items]).mean()
        assert right == pytest.approx(expected, abs=0.003)


def test_its_network_loaded_again_answers_as_its_evaluation_says(finished_run, dataset):
    evaluation = run_data.load_evaluation(finished_run)
    np.testing.assert_array_equal(evaluation.items, np.arange(60_000, 70_000))
    np.testing.assert_array_equal(evaluation.labels, dataset.test_labels)
    model = keras.saving.load_model(finished_run.path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(predict_probabilities(model, dataset.test_images), evaluation.probabilities, atol=1e-5)
    right = (evaluation.probabilities.argmax(axis=1) == evaluation.labels).mean()
    assert finished_run.test_accuracy == pytest.approx(right)


def test_its_checkpoint_can_go_on_and_its_network_is_the_same_without_the_optimizer(finished_run, dataset):
    checkpoint = keras.saving.load_model(finished_run.path / "checkpoint.keras")
    assert int(checkpoint.optimizer.iterations) == 2 * 94
    model = keras.saving.load_model(finished_run.path / "model.keras")
    some = as_input(dataset.test_images[:50])
    np.testing.assert_array_equal(checkpoint.predict_on_batch(some), model.predict_on_batch(some))
    # Adam keeps two numbers for each weight.
    sizes = [(finished_run.path / name).stat().st_size for name in ("model.keras", "checkpoint.keras")]
    assert 2.5 * sizes[0] < sizes[1]


@pytest.mark.parametrize("status", [runs.FINISHED, runs.STOPPED, runs.FAILED])
def test_a_run_that_has_ended_is_not_trained_again(copied_run, rewrite, status):
    # A cluster hands a job out once more when the worker that kept its result is gone.
    run = rewrite(copied_run, status=status, config={**copied_run.config.to_dict(), "epochs": 3})
    contents = {path: path.read_bytes() for path in run.path.rglob("*.*")}
    assert recording.execute(run.run_id).status == status
    assert {path: path.read_bytes() for path in run.path.rglob("*.*")} == contents


# A run that is stopped


def test_a_run_that_is_stopped_while_it_waits_is_never_trained(fmnist_home):
    run = runs.create_run(QUICK, "threads/ann")
    runs.request_stop(run)
    stopped = recording.execute(run.run_id)
    assert stopped.status == runs.STOPPED
    assert {path.name for path in run.path.iterdir()} == {"run.json", "stop"}
    assert stopped.test_accuracy is None
    assert stopped.resumable


@pytest.mark.parametrize(("position", "whole_epochs"), [(0.5, []), (1.5, [1])])
def test_a_run_that_is_stopped_keeps_what_it_learned_and_can_go_on(fmnist_home, listener, position, whole_epochs):
    run = runs.create_run(QUICK, "threads/ann")

    class Impatient(listener):
        def on_point(self, point):
            super().on_point(point)
            if point.epoch >= position:
                runs.request_stop(runs.load_run(run.run_id))
                self.reaction = [runs.load_run(run.run_id).stopping]

    impatient = Impatient()
    stopped = recording.execute(run.run_id, impatient)
    assert impatient.reaction == [True]
    assert (stopped.status, stopped.stopping) == (runs.STOPPED, False)
    assert (stopped.has_model, stopped.has_evaluation) == (True, True)
    assert stopped.test_accuracy > 0.3
    assert stopped.record["result"]["epochs"] == len(whole_epochs)
    assert run_data.load_history(stopped)["epoch"].tolist() == whole_epochs
    assert position <= impatient.points[-1].epoch < position + 0.5
    assert temporary_files(stopped) == []

    runs.requeue_run(stopped)
    finished = recording.execute(run.run_id)
    assert finished.status == runs.FINISHED
    assert_history_is_whole(finished, epochs=3)
    assert int(keras.saving.load_model(run.path / "checkpoint.keras").optimizer.iterations) == 3 * STEPS
    assert finished.tested_at > stopped.record["finished"] - 1


# A run that fails


def test_settings_that_turn_out_impossible_fail_with_their_sentence(fmnist_home):
    run = runs.create_run(QUICK.with_settings(subset=60_000), "threads/ann")
    with pytest.raises(InvalidSettingError, match="`subset` must be at most the 59,000 training items"):
        recording.execute(run.run_id)
    failed = runs.load_run(run.run_id)
    assert failed.status == runs.FAILED
    assert failed.record["error"].startswith("`subset` must be at most the 59,000 training items")
    assert "InvalidSettingError" in (run.path / "log.txt").read_text(encoding="utf-8")
    assert temporary_files(failed) == []


def test_a_training_that_breaks_keeps_its_whole_epochs_and_can_go_on(fmnist_home, listener):
    run = runs.create_run(QUICK, "threads/ann")

    class Clumsy(listener):
        def on_point(self, point):
            super().on_point(point)
            if point.epoch > 1:
                raise RuntimeError("out of paper")

    with pytest.raises(RuntimeError, match="out of paper"):
        recording.execute(run.run_id, Clumsy())
    failed = runs.load_run(run.run_id)
    assert failed.status == runs.FAILED
    assert failed.record["error"] == "RuntimeError while training."
    assert "out of paper" in (run.path / "log.txt").read_text(encoding="utf-8")
    assert (failed.has_model, failed.has_evaluation) == (False, False)
    assert run_data.load_history(failed)["epoch"].tolist() == [1]
    assert epochs_kept(failed) == ["0001.npz", "items.npz"]
    assert temporary_files(failed) == []

    runs.requeue_run(failed)
    finished = recording.execute(run.run_id)
    assert finished.status == runs.FINISHED
    assert "error" not in finished.record
    assert_history_is_whole(finished, epochs=3)


# A run whose process dies


def test_what_the_checkpoint_does_not_know_is_trained_again(copied_run, rewrite):
    # As if the process had died after it wrote the third epoch's row and before its checkpoint.
    run = rewrite(copied_run, status=runs.INTERRUPTED, config={**copied_run.config.to_dict(), "epochs": 3})
    before, points_before = run_data.load_history(run), run_data.load_batches(run)
    with (run.path / "history.csv").open("a") as stream:
        stream.write("3,9,0.1,9,0.1,0.001,1,1000\n")
    with (run.path / "batches.csv").open("a") as stream:
        stream.write("2.5,9,0.1,1\n3,9,0.1,2\n3.1,9,")
    finished = recording.execute(run.run_id)
    assert finished.status == runs.FINISHED
    assert_history_is_whole(finished, epochs=3)
    history = run_data.load_history(finished)
    assert history.head(2).equals(before)
    assert run_data.load_batches(finished).head(len(points_before)).equals(points_before)
    # It went on with the weights that it had, rather than with new ones.
    assert history["loss"].iloc[2] < before["loss"].iloc[1]


def _wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_the_heart_beats_while_a_run_trains(fmnist_home, listener, monkeypatch):
    monkeypatch.setattr(run_status, "HEARTBEAT_SECONDS", 0.1)
    run = runs.create_run(QUICK.with_settings(epochs=1), "threads/ann")

    class Physician(listener):
        def on_epoch(self, record, model, probabilities):
            first = runs.load_run(run.run_id)
            assert first.status == runs.RUNNING
            _wait_for(lambda: runs.load_run(run.run_id).record["heartbeat"] > first.record["heartbeat"])
            super().on_epoch(record, model, probabilities)

    physician = Physician()
    recording.execute(run.run_id, physician)
    assert len(physician.records) == 1


def test_a_run_without_validation_is_recorded_without_it(fmnist_home):
    run = runs.create_run(QUICK.with_settings(validation_split=0, epochs=1), "threads/ann")
    finished = recording.execute(run.run_id)
    assert finished.status == runs.FINISHED
    assert epochs_kept(finished) == []
    history = run_data.load_history(finished)
    assert history["val_accuracy"].isna().tolist() == [True]
    assert history["accuracy"].notna().tolist() == [True]
    assert len(run_data.load_evaluation(finished).items) == 10_000


# A run that is paused


class Spectator(threading.Thread):
    """Does something with a run beside the thread that trains it; what goes wrong comes out at `join`."""

    def __init__(self, act):
        super().__init__()
        self._act, self._error = act, None
        self.start()

    def run(self):
        try:
            self._act()
        except BaseException as error:
            self._error = error

    def join(self, timeout=None):
        super().join(timeout)
        if self._error:
            raise self._error


def hold(run_id):
    """Wait until a run holds and return it with its last point, counted in batches."""
    _wait_for(lambda: runs.load_run(run_id).paused_at)
    run = runs.load_run(run_id)
    points = run_data.load_batches(run)["epoch"]
    return run, round(points.iloc[-1] * STEPS) if len(points) else 0


def step(run_id, n_batches):
    before = runs.load_run(run_id)
    runs.request_step(before, n_batches)
    _wait_for(lambda: runs.load_run(run_id).paused_at not in (before.paused_at, None))
    return hold(run_id)[1]


def test_a_paused_run_trains_exactly_the_batches_that_it_is_asked_for(fmnist_home):
    run = runs.create_run(QUICK, "threads/ann")
    runs.request_pause(run)
    positions = []

    def act():
        positions.append(hold(run.run_id)[1])
        positions.extend(step(run.run_id, n_batches) for n_batches in (1, 1, 10, 100, 60))
        runs.request_go_on(runs.load_run(run.run_id))

    spectator = Spectator(act)
    finished = recording.execute(run.run_id)
    spectator.join()
    # An execution has 32 batches, an epoch 160.
    assert positions == [0, 1, 2, 12, 112, 172]
    assert finished.status == runs.FINISHED
    assert_history_is_whole(finished, epochs=3)
    assert not {"pause", "step"} & {path.name for path in run.path.iterdir()}

    through = recording.execute(runs.create_run(QUICK, "threads/ann").run_id)
    columns = ["loss", "accuracy", "val_loss", "val_accuracy"]
    stepped, whole = (run_data.load_history(each)[columns].to_numpy() for each in (finished, through))
    np.testing.assert_allclose(stepped, whole, rtol=1e-4)


def test_a_pause_holds_a_run_in_the_middle_and_no_clock_counts_it(fmnist_home, listener):
    run = runs.create_run(QUICK, "threads/ann")
    seen = {}

    class Interested(listener):
        def on_point(self, point):
            super().on_point(point)
            if 1.2 < point.epoch < 1.5 and not seen:
                runs.request_pause(runs.load_run(run.run_id))
                seen["spectator"] = Spectator(act)

    def act():
        held, position = hold(run.run_id)
        assert (held.status, held.active, held.paused, held.stopping) == (runs.RUNNING, True, True, False)
        time.sleep(2.5)
        later, position_later = hold(run.run_id)
        assert position_later == position
        # It is known to live, though it does nothing.
        assert later.record["heartbeat"] > held.record["heartbeat"]
        runs.request_go_on(later)

    interested = Interested()
    finished = recording.execute(run.run_id, interested)
    seen["spectator"].join()
    assert finished.status == runs.FINISHED
    assert not finished.paused
    assert_history_is_whole(finished, epochs=3)
    seconds = [point.seconds for point in interested.points]
    assert seconds == sorted(seconds)
    took = finished.record["finished"] - finished.record["started"]
    for told in (seconds[-1], finished.record["result"]["seconds"], sum(run_data.load_history(finished)["seconds"])):
        assert told < took - 2.5


def test_a_paused_run_can_be_stopped_and_does_not_go_on_paused(fmnist_home):
    run = runs.create_run(QUICK, "threads/ann")
    runs.request_pause(run)

    def act():
        hold(run.run_id)
        step(run.run_id, 40)
        runs.request_stop(runs.load_run(run.run_id))

    spectator = Spectator(act)
    stopped = recording.execute(run.run_id)
    spectator.join()
    assert (stopped.status, stopped.paused) == (runs.STOPPED, False)
    assert run_data.load_batches(stopped)["epoch"].iloc[-1] == pytest.approx(40 / STEPS)
    runs.requeue_run(stopped)
    assert recording.execute(run.run_id).status == runs.FINISHED


def test_a_run_that_is_left_paused_stops_by_itself(fmnist_home, monkeypatch):
    monkeypatch.setattr(run_requests, "PAUSE_SECONDS", 0.5)
    run = runs.create_run(QUICK, "threads/ann")
    runs.request_pause(run)
    stopped = recording.execute(run.run_id)
    assert stopped.status == runs.STOPPED
    assert stopped.record["note"].startswith("It was paused for 30 minutes and then stopped by itself")
    assert stopped.has_model
    runs.requeue_run(stopped)
    assert "note" not in runs.load_run(run.run_id).record


# A run that is trained on


def test_a_finished_run_goes_on_for_more_epochs(copied_run):
    before, points_before = run_data.load_history(copied_run), run_data.load_batches(copied_run)
    layers_before = run_data.load_layers(copied_run)
    accuracy_before = copied_run.test_accuracy
    assert copied_run.extendable
    runs.extend_run(copied_run, 1)
    waiting = runs.load_run(copied_run.run_id)
    assert (waiting.status, waiting.config) == (runs.QUEUED, copied_run.config.with_settings(epochs=3))
    finished = recording.execute(copied_run.run_id)
    assert finished.status == runs.FINISHED
    assert_history_is_whole(finished, epochs=3)
    assert run_data.load_history(finished).head(2).equals(before)
    assert run_data.load_batches(finished).head(len(points_before)).equals(points_before)
    assert run_data.load_layers(finished).head(len(layers_before)).equals(layers_before)
    assert finished.record["result"]["epochs"] == 3
    assert finished.test_accuracy != accuracy_before
    answers = run_data.load_evaluation(finished)
    assert finished.test_accuracy == pytest.approx((answers.probabilities.argmax(axis=1) == answers.labels).mean())


# A disk that is full

_FILL = """
import resource, sys
from fmnist_core import recording
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
recording.execute(sys.argv[1])
"""


def test_a_run_that_finds_no_room_fails_with_a_sentence_and_nothing_half_written(fmnist_home):
    run = runs.create_run(QUICK, "threads/ann")
    # Probabilities and tables fit, the checkpoint of 700 kB does not.
    done = subprocess.run(
        [sys.executable, "-c", _FILL, run.run_id, "200000"],
        cwd=storage.ASSETS.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "StorageError" in done.stderr
    failed = runs.load_run(run.run_id)
    assert failed.status == runs.FAILED
    assert failed.record["error"].startswith("The lab's folder must have room on its disk")
    assert temporary_files(failed) == []
    assert not (run.path / "checkpoint.keras").exists()
    assert "trace" in (run.path / "log.txt").read_text(encoding="utf-8").lower()

    runs.requeue_run(failed)
    finished = recording.execute(run.run_id)
    assert_history_is_whole(finished, epochs=3)


def test_a_run_that_another_process_trains_is_left_to_it(copied_run, rewrite):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        trainer = {**processes.describe_this_process(), "pid": other.pid}
        run = rewrite(copied_run, status=runs.RUNNING, trainer=trainer, heartbeat=time.time())
        content = (run.path / "run.json").read_bytes()
        assert recording.execute(run.run_id).status == runs.RUNNING
        assert (run.path / "run.json").read_bytes() == content
        other.communicate(b"\n")
    assert recording.execute(run.run_id).status == runs.FINISHED


@pytest.mark.parametrize("beats", [True, False])
def test_of_a_process_elsewhere_the_heartbeat_tells_whether_it_trains(copied_run, rewrite, monkeypatch, beats):
    monkeypatch.setattr(run_status, "SILENCE_SECONDS", 2.0)
    # It began a moment ago, by this machine's clock.
    elsewhere = {"status": runs.RUNNING, "trainer": {"host": "elsewhere", "pid": 1}}
    run = rewrite(copied_run, **elsewhere, heartbeat=time.time() + 1)
    if beats:
        threading.Timer(0.5, rewrite, (run,), {**elsewhere, "heartbeat": time.time() + 20}).start()
    assert recording.execute(run.run_id).status == (runs.RUNNING if beats else runs.FINISHED)


def test_a_run_that_breaks_while_it_waits_for_a_better_epoch_ends_as_without_the_break(fmnist_home, listener):
    # So large a step leaves a network that cannot learn, hence epochs without a better one.
    config = QUICK.with_settings(learning_rate=10.0, epochs=8, batch_size=32, early_stopping=3)
    whole, broken = (runs.create_run(config, "threads/ann") for _ in range(2))
    recording.execute(whole.run_id)
    shares = run_data.load_history(whole)["val_accuracy"]
    best = int(shares.argmax()) + 1
    assert len(shares) == best + 3 < 8

    class Clumsy(listener):
        def on_epoch(self, record, model, probabilities):
            if record.epoch == best + 2:
                raise RuntimeError("out of paper")

    with pytest.raises(RuntimeError, match="out of paper"):
        recording.execute(broken.run_id, Clumsy())
    runs.requeue_run(runs.load_run(broken.run_id))
    recording.execute(broken.run_id)
    assert run_data.load_history(broken)["val_accuracy"].tolist() == shares.tolist()
    answers = [run_data.load_evaluation(run).probabilities for run in (whole, broken)]
    np.testing.assert_array_equal(*answers)
