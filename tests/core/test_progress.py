import io

import pandas as pd
import pytest

from fmnist_core import run_data, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.observing import BatchPoint, EpochRecord
from fmnist_core.progress import Printer, Progress, compute_progress, say_duration

CONFIG = TrainingConfig("threads/ann", epochs=4)


def make_run(tmp_path, **record):
    return runs.Run("run", tmp_path, "threads/ann", CONFIG, runs.RUNNING, 0.0, 59_850, False, record)


def points(*pairs):
    return pd.DataFrame([(epoch, 0.5, 0.8, seconds) for epoch, seconds in pairs], columns=list(run_data.BATCH_COLUMNS))


def epochs(*seconds):
    rows = [(number, 0.5, 0.8, 0.5, 0.8, 0.001, took, 1_000) for number, took in enumerate(seconds, start=1)]
    table = pd.DataFrame(rows, columns=list(run_data.HISTORY_COLUMNS[:8]), dtype=float)
    return table.reindex(columns=list(run_data.HISTORY_COLUMNS))


def test_before_the_first_point_nothing_is_known(tmp_path):
    assert compute_progress(make_run(tmp_path), epochs(), points()) == Progress(0.0, 1, None, None)


def test_one_point_tells_the_share_and_no_pace(tmp_path):
    progress = compute_progress(make_run(tmp_path, items={"train": 1_000}), epochs(), points((0.1, 3.0)))
    # 100 of 1,000 items are 4 of 32 batches, of 4 epochs.
    assert progress == Progress(0.025, 1, None, None, epochs_done=0, seconds_done=0, batches_done=4, batches=128)


def test_inside_the_first_epoch_the_pace_is_that_of_the_points(tmp_path):
    run = make_run(tmp_path, items={"train": 1_000})
    progress = compute_progress(run, epochs(), points((0.1, 3.0), (0.5, 5.0)))
    # 0.4 epochs, 400 items, in 2 s; 3.5 epochs are left.
    assert progress.share == pytest.approx(0.125)
    assert progress.epoch == 1
    assert progress.seconds_left == pytest.approx(3.5 * 5.0)
    assert progress.images_per_second == pytest.approx(200)


def test_later_the_pace_is_that_of_the_last_three_epochs(tmp_path):
    run = CONFIG.with_settings(epochs=10)
    made = runs.Run("run", tmp_path, "threads/ann", run, runs.RUNNING, 0.0, 59_850, False, {})
    progress = compute_progress(made, epochs(100, 2, 3, 4), points((4.0, 110.0), (4.5, 111.0)))
    assert progress.epoch == 5
    assert progress.share == pytest.approx(0.45)
    assert progress.seconds_left == pytest.approx(5.5 * 3)
    assert progress.images_per_second is None  # how many items an epoch has is not known yet


def test_the_speed_is_that_of_the_last_ten_points(tmp_path):
    slow = [(number / 100, number * 10.0) for number in range(1, 21)]
    fast = [(0.2 + number / 100, 200.0 + number) for number in range(1, 11)]
    progress = compute_progress(make_run(tmp_path, items={"train": 1_000}), epochs(), points(*slow, *fast))
    assert progress.images_per_second == pytest.approx(10)


def test_the_clock_that_starts_anew_when_a_run_goes_on_is_no_pace(tmp_path):
    run = make_run(tmp_path, items={"train": 1_000})
    progress = compute_progress(run, epochs(2, 2), points((1.5, 30.0), (2.0, 40.0), (2.1, 3.0), (2.5, 4.0)))
    assert progress.images_per_second == pytest.approx(400)
    assert progress.seconds_left == pytest.approx(1.5 * 2)


@pytest.mark.parametrize(("position", "batches"), [(0.032, 1), (1.064, 34), (3.992, 127), (3.9999, 128), (4.0, 128)])
def test_batches_are_counted_over_all_epochs_the_last_smaller_one_of_each_included(tmp_path, position, batches):
    # 1,000 items are 31 batches of 32 and one of 8.
    progress = compute_progress(make_run(tmp_path, items={"train": 1_000}), epochs(2, 3), points((position, 1.0)))
    assert (progress.batches_done, progress.batches) == (batches, 128)
    assert (progress.epochs_done, progress.seconds_done) == (2, 5)


def test_before_the_first_batch_it_is_known_how_many_there_will_be(tmp_path):
    progress = compute_progress(make_run(tmp_path, items={"train": 1_000}), epochs(), points())
    assert (progress.batches_done, progress.batches, progress.seconds_left) == (0, 128, None)
    assert compute_progress(make_run(tmp_path), epochs(), points()) == Progress()


def test_at_the_end_all_is_done(tmp_path):
    progress = compute_progress(make_run(tmp_path), epochs(1, 1, 1, 1), points((3.5, 3.5), (4.0, 4.0)))
    assert (progress.share, progress.epoch, progress.seconds_left) == (1.0, 4, 0.0)


def test_a_real_run_is_done(finished_run):
    progress = compute_progress(finished_run, run_data.load_history(finished_run), run_data.load_batches(finished_run))
    assert (progress.share, progress.epoch, progress.seconds_left) == (1.0, 2, 0.0)
    assert progress.images_per_second > 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (8.4, "8 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3_599.7, "1 h 0 min"),
        (7_500, "2 h 5 min"),
        (100_000, "27 h 46 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert say_duration(seconds) == words


RECORD = EpochRecord(2, 0.41, 0.8512, 0.4, 0.8634, 0.001, 3.2, 12_345.6)


def test_a_line_an_epoch_is_printed():
    stream = io.StringIO()
    printer = Printer(CONFIG, stream)
    printer.on_point(BatchPoint(1.5, 0.4, 0.85, 2.0))
    printer.on_epoch(RECORD, None, None)
    assert stream.getvalue() == "epoch 2/4  accuracy 85.12%  val_accuracy 86.34%  12,346 images/s\n"
    assert not printer.wants_stop()
    assert not printer.wants_pause()


def test_without_validation_the_line_has_no_figure_for_it():
    stream = io.StringIO()
    Printer(CONFIG, stream).on_epoch(EpochRecord(1, 0.4, 0.85, None, None, 0.001, 3.2, 900), None, None)
    assert stream.getvalue() == "epoch 1/4  accuracy 85.00%  900 images/s\n"


def test_on_a_terminal_the_line_in_progress_is_rewritten():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    printer = Printer(CONFIG, stream)
    printer.on_point(BatchPoint(1.5, 0.4, 0.8512, 2.0))
    printer.on_epoch(RECORD, None, None)
    start = "\r\033[K"
    assert stream.getvalue() == (
        f"{start}epoch 1.50/4  accuracy 85.12%{start}epoch 2/4  accuracy 85.12%  val_accuracy 86.34%  12,346 images/s\n"
    )


def test_an_epoch_of_some_batches_has_the_items_of_these(tmp_path):
    config = CONFIG.with_settings(steps_per_epoch=10, batch_size=20)
    run = runs.Run(
        "run", tmp_path, "threads/ann", config, runs.RUNNING, 0.0, 59_850, False, {"items": {"train": 1_000}}
    )
    progress = compute_progress(run, epochs(), points((0.1, 3.0), (0.5, 5.0)))
    # 0.4 epochs are 4 batches of 20.
    assert progress.images_per_second == pytest.approx(40)
    assert (progress.batches_done, progress.batches) == (5, 40)


@pytest.fixture
def fit_run(fmnist_home):
    return runs.create_run(TrainingConfig("baselines/linear-svm", epochs=1), "baselines/linear-svm", runs.RUNNING)


def test_a_fit_tells_its_stage(fit_run, rewrite):
    run = rewrite(fit_run, stage={"doing": "Fitting: machine 2 of 3", "share": 0.3})
    progress = compute_progress(run, run_data.load_history(run), run_data.load_batches(run))
    assert progress == Progress(share=0.3, doing="Fitting: machine 2 of 3")


@pytest.mark.parametrize("stage", [None, "far", {}, {"doing": 3, "share": 1}, {"doing": "Fitting", "share": "half"}])
def test_a_stage_that_is_none_is_not_told(fit_run, rewrite, stage):
    run = rewrite(fit_run, stage=stage)
    assert compute_progress(run, run_data.load_history(run), run_data.load_batches(run)) == Progress()


def test_on_a_terminal_the_stage_is_rewritten():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    Printer(TrainingConfig("baselines/linear-svm", epochs=1), stream).on_stage("Fitting: machine 2 of 3", 0.3)
    assert stream.getvalue() == "\r\033[KFitting: machine 2 of 3, 30% done"
