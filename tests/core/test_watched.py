import os

import numpy as np
import pytest

from fmnist_core import recording, run_data, runs, watched
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidPictureError, InvalidSettingError
from fmnist_core.observing import NoObserver

QUICK = TrainingConfig("threads/ann", epochs=3, subset=640, batch_size=4, validation_split=1 / 60)
HEADING = "epoch,picture," + ",".join(f"p{index}" for index in range(10))
NAME, OTHER = "0123456789abcdef", "fedcba9876543210"


def make_picture(value=200):
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 8:20] = value
    return image


def write_row(epoch, name, class_index):
    return ",".join([str(epoch), name, *("0.91" if index == class_index else "0.01" for index in range(10))])


@pytest.fixture
def run(fmnist_home):
    return runs.create_run(QUICK, "threads/ann")


def test_pictures_come_back_as_they_were_in_the_order_in_which_they_came(run):
    images = [make_picture(value) for value in (10, 200, 100)]
    names = []
    for moment, image in enumerate(images):
        names.append(watched.add_picture(run, image))
        os.utime(run.path / "watched" / f"{names[-1]}.npy", (moment, moment))
    pictures = watched.load_pictures(runs.load_run(run.run_id))
    assert pictures.names == tuple(names)
    np.testing.assert_array_equal(pictures.images, images)
    assert pictures.unreadable == ()
    watched.remove_picture(run, names[1])
    assert watched.load_pictures(run).names == (names[0], names[2])
    watched.remove_picture(run, names[1])  # somebody else was quicker


def test_a_run_without_pictures_has_none(run):
    assert watched.load_pictures(run).names == ()
    assert watched.load_pictures(run).images.shape == (0, 28, 28)
    assert watched.load_stories(run) == {}


def test_the_same_picture_is_kept_once(run):
    assert watched.add_picture(run, make_picture()) == watched.add_picture(run, make_picture().copy())
    assert len(watched.load_pictures(run).names) == 1


def test_there_are_at_most_twelve(run):
    names = [watched.add_picture(run, make_picture(value)) for value in range(1, 13)]
    with pytest.raises(InvalidSettingError, match="at most 12 pictures"):
        watched.add_picture(run, make_picture(99))
    assert watched.add_picture(run, make_picture(1)) == names[0]
    watched.remove_picture(run, names[3])
    watched.add_picture(run, make_picture(99))
    # Two visitors may add the last one at the same time.
    np.save(run.path / "watched" / f"{NAME}.npy", make_picture(98))
    assert len(watched.load_pictures(run).names) == 12


@pytest.mark.parametrize(
    "image",
    [np.ones((27, 28), np.uint8), np.ones((28, 28)), np.ones((1, 28, 28), np.uint8), np.zeros((28, 28), np.uint8)],
    ids=["too small", "floats", "several", "black"],
)
def test_what_is_no_picture_is_refused(run, image):
    with pytest.raises(InvalidPictureError, match="A picture to follow must"):
        watched.add_picture(run, image)
    assert not (run.path / "watched").exists()


def test_no_name_leads_out_of_the_folder(run):
    (run.path / "keep.npy").touch()
    watched.remove_picture(run, "../keep")
    assert (run.path / "keep.npy").exists()


def damage_by_header(path):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({10**13}, 28, 28), }}".ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(784))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:300]),
        lambda path: np.save(path, np.zeros((28, 29), np.uint8)),
        lambda path: np.save(path, np.zeros((28, 28))),
        lambda path: np.save(path, np.array([{"a": 1}]), allow_pickle=True),
        damage_by_header,
    ],
    ids=["empty", "cut short", "too wide", "floats", "an object", "a boastful header"],
)
def test_a_damaged_picture_is_named_and_nobody_is_asked_about_it(run, damage):
    name = watched.add_picture(run, make_picture())
    path = run.path / "watched" / f"{NAME}.npy"
    path.write_bytes((run.path / "watched" / f"{name}.npy").read_bytes())
    damage(path)
    (run.path / "watched" / "notes.npy").write_bytes(b"foreign")
    pictures = watched.load_pictures(run)
    assert (pictures.names, pictures.unreadable) == ((name,), (NAME,))
    assert pictures.images.shape == (1, 28, 28)


def test_the_table_is_read_line_by_line_and_damaged_ones_are_left_out(run):
    lines = [
        HEADING,
        write_row(1, NAME, 3),
        write_row(2, NAME, 4)[:-5],
        write_row(2, OTHER, 5),
        write_row(0, NAME, 6),
        write_row("x", NAME, 6),
        write_row(10**9, NAME, 6),
        write_row(2, "../..", 6),
        write_row(2, NAME, 6).replace("0.91", "nan"),
        write_row(2, NAME, 6).replace("0.91", "9.1"),
        write_row(3, NAME, 6),
    ]
    (run.path / "watched.csv").write_text("\n".join(lines) + "\n" + write_row(4, NAME, 7))  # the last: half-written
    stories = watched.load_stories(run)
    assert set(stories) == {NAME, OTHER}
    assert stories[NAME].epochs.tolist() == [1, 3]
    assert stories[NAME].probabilities.argmax(axis=1).tolist() == [3, 6]
    np.testing.assert_allclose(stories[NAME].probabilities[0], [0.01] * 3 + [0.91] + [0.01] * 6)
    assert stories[NAME].spread(3).sum(axis=1).round(5).tolist() == [1, 0, 1]
    assert stories[NAME].spread(2).argmax(axis=1).tolist() == [3, 0]
    (run.path / "watched.csv").write_bytes(b"\xff\xfe")
    assert watched.load_stories(run) == {}


def test_what_was_said_after_later_epochs_is_cut_off(run):
    rows = [write_row(epoch, name, 2) for epoch in (1, 2, 3) for name in (NAME, OTHER)]
    (run.path / "watched.csv").write_text("\n".join([HEADING, *rows, "2,half"]))
    watched.cut_stories(run, 2)
    assert (run.path / "watched.csv").read_text() == "\n".join([HEADING, *rows[:4]]) + "\n"


# With a network that trains


class Visitor(NoObserver):
    """Adds a picture after the first epoch, and breaks the training in the third if told to."""

    def __init__(self, run, image, breaks=False):
        self.run, self.image, self.breaks = run, image, breaks

    def on_epoch(self, record, model, probabilities):
        if record.epoch == 1:
            watched.add_picture(self.run, self.image)

    def on_point(self, point):
        if self.breaks and point.epoch > 2:
            raise RuntimeError("out of paper")


@pytest.mark.parametrize("ema", [None, 0.9])
def test_a_run_says_after_each_epoch_what_it_says_of_the_same_item_in_validation(fmnist_home, dataset, ema):
    config = QUICK.with_settings(**({"ema": ema} if ema else {}))
    run = runs.create_run(config, "threads/ann")
    first, second = dataset.images[59_000], dataset.images[59_007]
    name = watched.add_picture(run, first)
    with pytest.raises(RuntimeError, match="out of paper"):
        recording.execute(run.run_id, Visitor(run, second, breaks=True))
    # As if it had died after it wrote the third epoch's answers and before its checkpoint.
    with (run.path / "watched.csv").open("a") as stream:
        stream.write(write_row(3, name, 1) + "\n3,")
    runs.requeue_run(runs.load_run(run.run_id))
    finished = recording.execute(run.run_id)
    assert finished.status == runs.FINISHED

    stories = watched.load_stories(finished)
    other = next(key for key in stories if key != name)
    assert stories[name].epochs.tolist() == [1, 2, 3]
    assert stories[other].epochs.tolist() == [2, 3]
    assert (run.path / "watched.csv").read_text().splitlines()[0] == HEADING
    assert len((run.path / "watched.csv").read_text().splitlines()) == 1 + 5
    for story, position in ((stories[name], 0), (stories[other], 7)):
        validated = [run_data.load_epoch(finished, epoch)[position] for epoch in story.epochs]
        np.testing.assert_allclose(story.probabilities, validated, atol=1e-3)


def test_a_training_that_begins_anew_forgets_what_an_earlier_one_said(run):
    watched.add_picture(run, make_picture())
    (run.path / "watched.csv").write_text(HEADING + "\n" + write_row(7, NAME, 1) + "\n")
    recording.execute(run.run_id)
    (story,) = watched.load_stories(run).values()
    assert story.epochs.tolist() == [1, 2, 3]
