import contextlib
import re
import resource

import numpy as np
import pytest

from fmnist_core import corrections
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.corrections import Correction
from pages.shared.canvas import encode_sheet

# It fills its 28 × 28 pixels, so that no way to them changes it.
BOOT = 60_165
COAT, PULLOVER = CLASS_NAMES.index("Coat"), CLASS_NAMES.index("Pullover")


def kept():
    return list(corrections.list_corrections().corrections)


def say(page, name, key="drawing"):
    return page.button(key=f"{key} {name}").click().run(timeout=60)


def open_classes(page):
    page.session_state["drawing truth"] = True
    return page.run(timeout=60)


def labels(page):
    return [button.label for button in page.button]


def keep_box(page):
    return next(box for box in page.checkbox if box.label == "Keep the picture too")


def text(page):
    return " ".join(element.value for element in [*page.markdown, *page.subheader, *page.info, *page.warning])


def record(key, answer=COAT, truth=COAT, session="another", **entries):
    entries = {"run_id": "r", "kind": "photo", "confidence": 0.9, "abstained": False, "made": 1e9} | entries
    corrections.record_correction(Correction(key=key, session=session, answer=answer, truth=truth, **entries))


@pytest.fixture(scope="module", autouse=True)
def _keras():
    """Import Keras before a page needs it, since that may take longer than a page may run."""
    import keras

    keras.ops.zeros(1)


@pytest.fixture
def boot(open_page):
    """The page with an ankle boot on its canvas, which the reference run recognises."""
    return open_page("classify/yours.py", item=str(BOOT)).run(timeout=60)


@pytest.fixture
def open_session(open_page):
    return lambda: open_page("classify/yours.py", input="Session")


# --- Below an answer ---


def test_nothing_is_asked_about_a_blank_canvas(open_page):
    page = open_page("classify/yours.py")
    assert "Was this right?" not in text(page)
    assert not page.exception


def test_yes_is_kept_without_the_picture(boot):
    assert kept() == []
    page = say(boot, "yes")
    (correction,) = kept()
    assert (correction.answer, correction.truth, correction.right) == (9, 9, True)
    assert (correction.kind, correction.pixels, correction.abstained) == ("drawing", None, False)
    assert correction.run_id == page.selectbox(key="run").value
    assert 0.5 < correction.confidence <= 1
    assert "Take back" in labels(page)
    assert not page.exception


def test_another_class_replaces_yes_and_closes_the_list(boot):
    page = open_classes(say(boot, "yes"))
    assert "🥾 Ankle boot" not in [button.label for button in page.button if "truth" in button.key]
    say(page, f"truth {COAT}")
    (correction,) = kept()
    assert (correction.answer, correction.truth) == (9, COAT)
    assert not page.session_state["drawing truth"]
    assert not [button for button in page.button if "truth" in (button.key or "")]


def test_a_vote_can_be_taken_back(boot):
    page = say(say(boot, "yes"), "withdraw")
    assert kept() == []
    assert "Take back" not in labels(page)


def test_the_picture_is_kept_only_while_the_box_is_ticked(boot, dataset):
    page = say(boot, "yes")
    keep_box(page).check().run()
    (correction,) = kept()
    assert (correction.image == dataset.images[BOOT]).all()
    keep_box(page).uncheck().run()
    assert kept()[0].pixels is None
    keep_box(page).check().run()
    open_classes(page)
    say(page, f"truth {COAT}")
    assert (kept()[0].truth, kept()[0].pixels is None) == (COAT, False)


def test_a_tick_alone_keeps_nothing(boot):
    page = keep_box(boot).check().run()
    assert kept() == []
    say(page, "yes")
    assert kept()[0].pixels is not None


def test_another_picture_is_another_vote_and_starts_unticked(boot, dataset):
    page = keep_box(say(boot, "yes")).check().run()

    def draw(image):
        sheet = encode_sheet(np.kron(image, np.ones((10, 10), np.uint8)))
        page.session_state["drawing_kept"] = {"sheet": sheet, "version": page.session_state["drawing_kept"]["version"]}
        return page.run(timeout=60)

    draw(dataset.images[60_002])  # trousers
    assert "Take back" not in labels(page)
    assert not keep_box(page).value
    say(page, "yes")
    assert [correction.truth for correction in kept()] == [9, 1]
    draw(dataset.images[BOOT])
    assert "Take back" in labels(page)
    assert keep_box(page).value
    say(page, "yes")
    assert len(kept()) == 2


def test_the_same_picture_answered_by_a_rerun_reads_no_file(boot):
    page = say(boot, "yes")
    # What is not looked at cannot be slow.
    corrections.corrections_path().write_text("damaged")
    assert "Take back" in labels(page.run(timeout=60))
    assert not page.exception


@pytest.fixture
def full_disk():
    """Let no file grow beyond a few bytes; Python tells a writer as the system does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    @contextlib.contextmanager
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit


def test_a_vote_for_which_there_is_no_room_is_told_and_the_page_goes_on(boot, full_disk):
    with full_disk():
        page = say(boot, "yes")
    assert [error.value[:45] for error in page.error] == ["The lab's folder must have room on its disk, "]
    assert "Take back" not in labels(page)
    assert len(page.subheader) == 1
    assert kept() == []
    assert not say(page, "yes").error
    assert len(kept()) == 1


def test_what_cannot_be_deleted_is_told_and_stays(open_session, full_disk):
    record("a")
    record("b")
    page = open_session()
    page.segmented_control(key="whose").select("all").run()
    with full_disk():
        page.button(key="delete a").click().run()
    assert [error.value[:45] for error in page.error] == ["The lab's folder must have room on its disk, "]
    assert len(kept()) == 2


# --- The tab Session ---


def test_a_session_without_votes_says_how_they_come_about(open_session):
    page = open_session()
    assert "below each answer on Draw and Upload" in text(page)
    assert not page.exception


def test_the_session_sums_up_its_own_votes(boot):
    say(boot, "yes")
    boot.session_state["input"] = "Session"
    page = boot.run(timeout=60)
    assert "1 of 1 answer right, 100%" in text(page)
    assert "Ankle boot, " in text(page)
    assert not page.exception


def test_votes_of_other_visits_are_shown_on_request(open_session):
    record("a")
    record("b", truth=PULLOVER)
    record("c", truth=PULLOVER, abstained=True, confidence=0.3)
    record("d", COAT, COAT, abstained=True, confidence=0.3)
    page = open_session()
    assert "Nothing here yet" in text(page)
    page.segmented_control(key="whose").select("all").run()
    assert "1 of 2 answers right, 50%" in text(page)
    assert "2 times not sure; the best guess was right in 1 of these." in text(page)
    assert "Not sure, at best Coat, 30%; it is Pullover" in text(page)
    assert not page.exception


def test_one_entry_can_be_deleted_and_all(open_session):
    for key in "abc":
        record(key)
    page = open_session()
    page.segmented_control(key="whose").select("all").run()
    page.button(key="delete b").click().run()
    assert [correction.key for correction in kept()] == ["a", "c"]
    assert "Delete them" not in labels(page)
    page.session_state["delete all"] = True
    page.run()
    page.button(key="delete them").click().run()
    assert kept() == []
    assert not page.session_state["delete all"]
    assert "Nothing here yet" in text(page)


def test_what_is_deleted_can_be_voted_on_again(boot):
    say(boot, "yes")
    boot.session_state["input"] = "Session"
    page = boot.run(timeout=60)
    page.button(key=f"delete {kept()[0].key}").click().run()
    assert kept() == []
    page.session_state["input"] = "Draw"
    assert "Take back" not in labels(page.run())


def test_entries_come_eight_to_a_page_the_newest_first(open_session):
    for number in range(10):
        record(f"k{number}", made=1e9 + number)
    page = open_session()
    page.segmented_control(key="whose").select("all").run()

    def keys():
        return [button.key for button in page.button if re.match("delete k", button.key or "")]

    assert keys() == [f"delete k{number}" for number in range(9, 1, -1)]
    page.button(key="session page-on").click().run()
    assert keys() == ["delete k1", "delete k0"]


def test_damaged_lines_are_told_and_go_with_all_others(open_session):
    record("a")
    with corrections.corrections_path().open("a") as stream:
        stream.write("damaged\n{}\n")
    page = open_session()
    page.segmented_control(key="whose").select("all").run()
    assert "2 lines of corrections.jsonl cannot be read" in text(page)
    assert "1 of 1 answer right" in text(page)
    page.session_state["delete all"] = True
    page.run()
    page.button(key="delete them").click().run()
    assert corrections.list_corrections() == corrections.Listing((), 0)
    assert not page.exception
