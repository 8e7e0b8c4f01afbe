import json

import numpy as np
import pytest

from fmnist_core import runs
from fmnist_core.config import TrainingConfig
from fmnist_core.storage import ASSETS

CONFIG = TrainingConfig("threads/ann", split="official", epochs=5)
# An ankle boot, two T-shirts and a dress among the official training items.
ITEMS = np.array([0, 1, 2, 3])
# Item 0 is right from the first, 1 is learned in the second epoch, 2 is forgotten in the third, 3 is never right.
SAID = [[9, 6, 0, 0], [9, 0, 0, 0], [9, 0, 6, 0]]


def keep_epoch(run, epoch, said):
    probabilities = np.full((len(said), 10), 0.01, np.float16)
    probabilities[np.arange(len(said)), said] = 0.91
    np.savez(run.path / "epochs" / f"{epoch:04d}.npz", probabilities=probabilities)


@pytest.fixture
def make_run(fmnist_home):
    """Make a run with three known epochs."""

    def make(status=runs.FINISHED, said=SAID, config=CONFIG):
        run = runs.create_run(config, "threads/ann", status=status)
        (run.path / "epochs").mkdir()
        np.savez(run.path / "epochs" / "items.npz", items=ITEMS)
        for epoch, answers in enumerate(said, start=1):
            keep_epoch(run, epoch, answers)
        return run

    return make


@pytest.fixture
def travel(open_page):
    return lambda run, **query: open_page("models/train.py", run=run.run_id, watch="Time machine", **query)


def said(page):
    return " ".join(element.value for element in page.markdown)


def stories(page):
    """The text of the strips."""
    return " ".join(element.proto.body for element in page.get("html"))


def read_player(page):
    """The header and the confusion matrices that the player of the epochs is given."""
    (element,) = [each for each in page.get("bidi_component") if each.proto.component_name == "fmnist_epochs"]
    packet = element.proto.bytes
    length = int.from_bytes(packet[:4], "little")
    counts = np.frombuffer(packet[4 + length :], "<u2").reshape(-1, 10, 10)
    return json.loads(packet[4 : 4 + length]), counts


def test_the_items_are_counted_by_how_they_were_learned(make_run, travel):
    page = travel(make_run())
    assert "**4 validation items**" in said(page)
    assert "**25%** were learned in the first epoch and never forgotten" in said(page)
    assert "**1** were forgotten at least once" in said(page)
    assert "**2** are wrong at the end, 1 of them in every epoch" in said(page)
    assert not page.exception


def test_the_player_gets_all_epochs_and_stands_at_the_last_one(make_run, travel):
    page = travel(make_run())
    header, counts = read_player(page)
    assert (header["epochs"], header["epoch"], header["picked"]) == ([1, 2, 3], 3, "none")
    assert counts.sum(axis=(1, 2)).tolist() == [4, 4, 4]
    # The two T-shirts, the dress and the boot, in that order: called T-shirt and Shirt, T-shirt, boot after epoch 1.
    assert [tuple(cell) for cell in np.argwhere(counts[0])] == [(0, 0), (0, 6), (3, 0), (9, 9)]
    assert "epoch" not in page.query_params
    assert "epoch 3: Shirt 91%, T-shirt/top 1%" in stories(page)
    assert not page.exception


def test_an_epoch_comes_from_the_url_and_one_that_is_none_is_ignored(make_run, travel):
    run = make_run()
    page = travel(run, epoch="1")
    assert read_player(page)[0]["epoch"] == 1
    assert "epoch 1: T-shirt/top 91%" in stories(page)
    for epoch in ("0", "4", "x", "-1"):
        page = travel(run, epoch=epoch)
        assert read_player(page)[0]["epoch"] == 3
        assert not page.exception


def test_a_cell_of_the_matrix_opens_its_items_at_that_epoch(make_run, travel):
    page = travel(make_run(), cell="0-6", epoch="1")
    assert read_player(page)[0]["picked"] == "0-6"
    assert "**1 T-shirt/top taken for Shirt** after epoch 1" in said(page)
    assert [number for number in range(4) if f"train item {number}<" in stories(page)] == [1]
    page.button(key="all items").click().run()
    assert "cell" not in page.query_params
    assert page.selectbox(key="why").value == "forgotten"
    page = travel(make_run(), cell="0-0")
    assert "**1 T-shirt/top rightly recognised** after epoch 3" in said(page)


@pytest.mark.parametrize("cell", ["", "0", "0-10", "a-b", "1-2-3", "²-1", "-1-1"])
def test_what_is_no_cell_is_ignored(make_run, travel, cell):
    page = travel(make_run(), cell=cell)
    assert read_player(page)[0]["picked"] == "none"
    assert not page.exception


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("forgotten", "wrong at the end, forgotten once"),
        ("late", "learned in epoch 2, never forgotten"),
        ("easy", "learned in epoch 1, never forgotten"),
    ],
)
def test_every_reason_to_look_shows_its_items(make_run, travel, why, told):
    page = travel(make_run(), why=why)
    assert page.selectbox(key="why").value == why
    assert told in stories(page)
    assert stories(page).count("train item") == 2 * 1  # its line, and what its picture says to a screen reader


def test_mistakes_follow_the_epoch(make_run, travel):
    run = make_run()
    page = travel(run, why="now", epoch="1")
    assert {number for number in range(4) if f"train item {number}<" in stories(page)} == {1, 3}
    page = travel(run, why="now")
    assert {number for number in range(4) if f"train item {number}<" in stories(page)} == {2, 3}


def test_pinned_items_are_told_instead_and_can_be_let_go(make_run, travel):
    page = travel(make_run(), pins="3,0,59999,x,3,²")
    assert [number for number in range(4) if f"train item {number}<" in stories(page)] == [0, 3]
    assert "never right" in stories(page)
    page.button(key="unpin items").click().run()
    assert "pins" not in page.query_params
    assert [number for number in range(4) if f"train item {number}<" in stories(page)] == [2]


def test_a_region_of_the_map_is_chosen_by_a_button(make_run, travel):
    page = travel(make_run())
    labels = [page.button(key=f"region {region}").label for region in ("hard", "ambiguous", "easy")]
    # Item 1 was believed with 1, 91 and 91%, item 2 with 91, 91 and 1%: both waver.
    assert labels == ["Hard: 1", "Ambiguous: 2", "Easy: 1"]
    page.button(key="region ambiguous").click().run()
    assert not page.exception


def test_one_epoch_is_a_past_too(make_run, travel):
    page = travel(make_run(said=SAID[:1]))
    assert read_player(page)[0]["epochs"] == [1]
    assert "There is no such item." in [info.value for info in page.info]  # none is forgotten
    assert not page.exception


def test_who_stands_at_the_newest_epoch_stays_there_as_the_run_goes_on(make_run, travel):
    run = make_run(status=runs.RUNNING, said=SAID[:2])
    page = travel(run)
    earlier = travel(run, epoch="1")
    assert read_player(page)[0]["epoch"] == 2
    keep_epoch(run, 3, SAID[2])
    page.run()
    assert read_player(page)[0]["epoch"] == 3
    earlier.run()
    header, _ = read_player(earlier)
    assert (header["epoch"], header["epochs"]) == (1, [1, 2, 3])
    assert not page.exception


def test_a_run_without_validation_says_so(make_run, travel):
    run = make_run(config=TrainingConfig("threads/ann", split="official", validation_split=0.0))
    page = travel(run)
    assert "This run validates no items" in page.info[0].value
    assert not page.exception


def test_a_run_in_its_first_epoch_says_so(make_run, travel):
    page = travel(make_run(status=runs.RUNNING, said=[]))
    assert "not come to the end of its first epoch yet" in page.info[0].value
    assert not page.exception


def test_a_damaged_epoch_is_left_out_and_named(make_run, travel):
    run = make_run()
    (run.path / "epochs" / "0002.npz").write_bytes(b"PK")
    page = travel(run)
    assert "The file of epoch 2 is damaged" in page.warning[0].value
    assert read_player(page)[0]["epochs"] == [1, 3]
    assert not page.exception


def test_a_run_whose_epochs_are_all_damaged_says_so(make_run, travel):
    run = make_run()
    for path in (run.path / "epochs").glob("0*.npz"):
        path.write_bytes(b"")
    page = travel(run)
    assert "None of the epochs" in page.info[0].value
    assert not page.exception


def test_a_run_that_keeps_some_of_its_epochs_says_of_how_many(make_run, travel):
    run = make_run()
    assert "epochs are here" not in said(travel(run))
    (run.path / "epochs" / "0002.npz").unlink()
    assert "The answers of 2 of the 3 epochs are here." in said(travel(run))


def test_the_reference_run_has_a_past(open_page):
    run = runs.load_run(str(ASSETS / "runs" / "mcnn-proposed"))
    page = open_page("models/train.py", run=run.run_id, watch="Time machine")
    header, counts = read_player(page)
    assert header["epochs"] == list(range(1, 47))
    assert set(counts.sum(axis=(1, 2)).tolist()) == {6_000}
    assert "**6,000 validation items**" in said(page)
    assert not page.exception
