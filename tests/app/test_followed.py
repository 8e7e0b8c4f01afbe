import shutil

import numpy as np
import pytest

from fmnist_core import runs, watched
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.photos import prepare_drawing
from fmnist_core.storage import ASSETS
from pages.shared.canvas import encode_sheet

CONFIG = TrainingConfig("threads/ann", epochs=3)
HEADING = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second"


def make_row(epoch, name, class_index):
    return ",".join([str(epoch), name, *("0.91" if index == class_index else "0.01" for index in range(10))])


@pytest.fixture
def make_run(fmnist_home):
    """Make a run that has come so many epochs far."""

    def make(status=runs.RUNNING, epochs=0):
        run = runs.create_run(CONFIG, "threads/ann", status=status)
        rows = [f"{epoch},1,0.5,1,0.5,0.001,1,1000" for epoch in range(1, epochs + 1)]
        (run.path / "history.csv").write_text("\n".join([HEADING, *rows]) + "\n")
        return run

    return make


@pytest.fixture
def follow(open_page):
    def follow(run, drawing=None):
        page = open_page("models/train.py", run=run.run_id, watch="Your drawing")
        if drawing is None:
            return page
        page.session_state["followed_kept"] = {"sheet": encode_sheet(drawing), "version": 0}
        return page.run(timeout=60)

    return follow


def enlarge(image):
    return np.kron(image, np.ones((10, 10), np.uint8))


def stories(page):
    return " ".join(element.proto.body for element in page.get("html"))


def said(page):
    return " ".join(element.value for element in [*page.markdown, *page.info, *page.caption, *page.warning])


def test_nothing_drawn_cannot_be_followed(make_run, follow):
    page = follow(make_run())
    assert page.button(key="follow").disabled
    assert "at the end of every epoch from now on" in said(page)
    assert "Nothing is followed yet" in said(page)
    assert not page.exception


def test_what_is_drawn_is_followed_and_first_answered_when_the_epoch_ends(make_run, follow, dataset):
    run = make_run(epochs=1)
    drawing = np.zeros((280, 280), np.uint8)
    drawing[33:217, 80:171] = 200
    page = follow(run, drawing)
    page.button(key="follow").click().run()
    pictures = watched.load_pictures(run)
    np.testing.assert_array_equal(pictures.images, [prepare_drawing(drawing).image])
    assert "No answer yet" in stories(page)
    assert "it comes when epoch 2 ends" in stories(page)
    # Whoever else watches the run sees it too, and can let it go.
    other = follow(run)
    assert "No answer yet" in stories(other)
    other.button(key=f"remove {pictures.names[0]}").click().run()
    assert watched.load_pictures(run).names == ()
    assert "Nothing is followed yet" in said(other)
    assert not page.exception
    assert not other.exception


def test_answers_are_told_epoch_by_epoch(make_run, follow, dataset):
    run = make_run(epochs=2)
    early, late = (watched.add_picture(run, image) for image in dataset.test_images[:2])
    rows = [make_row(1, early, 6), make_row(2, early, 4), make_row(2, late, 9)]
    (run.path / "watched.csv").write_text("\n".join(rows) + "\n")
    page = follow(run)
    assert "<b>Coat 91%, " in stories(page)
    assert "after epoch 2 of 3" in stories(page)
    assert "asked after every epoch" in stories(page)
    assert "<b>Ankle boot 91%, " in stories(page)
    assert "asked since epoch 2" in stories(page)
    assert stories(page).count("data:image/svg+xml") >= 2
    assert not page.exception


def test_a_run_that_has_ended_is_asked_for_its_last_answer(make_run, follow, dataset):
    run = make_run(status=runs.FINISHED, epochs=3)
    for name in ("model.keras", "evaluation.npz"):
        shutil.copy(ASSETS / "runs" / "mcnn-proposed" / name, run.path)
    (run.path / "checkpoint.keras").touch()
    watched.add_picture(run, dataset.images[1])  # a T-shirt
    page = follow(run)
    assert "cannot be known, for only the last network is kept" in said(page)
    assert "by the network at the end" in stories(page)
    assert "<b>T-shirt/top " in stories(page)
    assert not page.exception


def test_a_run_that_ended_without_a_network_says_so(make_run, follow, dataset):
    run = make_run(status=runs.FAILED)
    watched.add_picture(run, dataset.images[1])
    page = follow(run)
    assert "there is no network to ask" in stories(page)
    assert not page.exception


def test_damaged_pictures_are_reported_and_can_be_removed(make_run, follow):
    run = make_run()
    (run.path / "watched").mkdir()
    (run.path / "watched" / "0123456789abcdef.npy").write_bytes(b"")
    page = follow(run)
    assert "1 cannot be read" in said(page)
    page.button(key="remove damaged").click().run()
    assert list((run.path / "watched").iterdir()) == []
    assert not page.exception


def test_a_full_run_takes_no_more(make_run, follow, dataset):
    run = make_run()
    for image in dataset.images[:12]:
        watched.add_picture(run, image)
    page = follow(run, enlarge(dataset.test_images[0]))
    assert page.button(key="follow").disabled
    assert "12 are followed" in said(page)


def test_a_test_item_that_nobody_changes_is_followed_as_it_is(make_run, follow, dataset):
    run = make_run()
    page = follow(run)
    page.button(key="take Trouser").click().run()
    page.button(key="follow").click().run()
    (image,) = watched.load_pictures(run).images
    trousers = dataset.test_images[dataset.test_labels == CLASS_NAMES.index("Trouser")]
    assert (trousers == image).all(axis=(1, 2)).any()


def test_the_reference_run_will_not_train_again(open_page):
    page = open_page("models/train.py", run="mcnn-proposed", watch="Your drawing")
    assert "will not train again" in page.info[0].value
    assert not page.exception
