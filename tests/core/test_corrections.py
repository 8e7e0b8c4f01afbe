import json
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core import corrections, storage
from fmnist_core.corrections import Correction
from fmnist_core.errors import InvalidSettingError

ROOT = storage.ASSETS.parent
T_SHIRT, TROUSER, COAT, SHIRT = 0, 1, 4, 6


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def correct(key="a", answer=COAT, truth=SHIRT, **entries):
    entries = {"session": "s", "run_id": "r", "kind": "photo", "confidence": 0.75, "abstained": False} | entries
    return Correction(key=key, answer=answer, truth=truth, **({"made": 1e9} | entries))


def listed():
    return list(corrections.list_corrections().corrections)


def lines():
    return corrections.corrections_path().read_bytes().splitlines()


# --- What a correction is ---


TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=200)


@given(
    st.builds(
        Correction,
        key=TEXTS,
        session=TEXTS,
        run_id=TEXTS,
        kind=TEXTS,
        answer=st.integers(0, 9),
        truth=st.integers(0, 9),
        confidence=st.floats(0, 1),
        abstained=st.booleans(),
        made=st.floats(0, 1e11),
        pixels=st.none() | st.binary(min_size=784, max_size=784),
    )
)
def test_a_correction_is_read_as_it_was_recorded(correction):
    corrections.delete_everything()
    corrections.record_correction(correction)
    assert listed() == [correction]


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ({"answer": 10}, "`answer` must be a whole number from 0 to 9. Received: 10."),
        ({"truth": -1}, "`truth` must be a whole number from 0 to 9. Received: -1."),
        ({"confidence": 1.5}, "`confidence` must be a number from 0 to 1. Received: 1.5."),
        ({"confidence": float("nan")}, "`confidence` must be a number from 0 to 1. Received: nan."),
        ({"abstained": 1}, "`abstained` must be true or false. Received: 1."),
        ({"made": -1.0}, "`made` must be a number"),
        ({"key": ""}, "`key` must be 1 to 200 printable characters. Received: ''."),
        ({"kind": "two\nlines"}, "`kind` must be 1 to 200 printable characters."),
        ({"run_id": "x" * 201}, "`run_id` must be 1 to 200 printable characters."),
        ({"session": 5}, "`session` must be 1 to 200 printable characters. Received: 5."),
        ({"pixels": b"few"}, "`pixels` must be 784 bytes, or None."),
        ({"pixels": "x" * 784}, "`pixels` must be 784 bytes, or None."),
    ],
)
def test_a_correction_keeps_to_its_rules(entries, rule):
    with pytest.raises(InvalidSettingError) as caught:
        correct(**entries)
    assert str(caught.value).startswith(rule)


def test_its_picture_comes_back_pixel_for_pixel():
    image = np.arange(784).reshape(28, 28).astype(np.uint8)
    assert (correct(pixels=image.tobytes()).image == image).all()
    assert correct().image is None


@pytest.mark.parametrize(
    ("correction", "sentence"),
    [
        (correct(), "Coat, 75%: wrong, it is Shirt"),
        (correct(truth=COAT), "Coat, 75%: right"),
        (correct(abstained=True, confidence=0.3), "Not sure, at best Coat, 30%; it is Shirt"),
    ],
)
def test_it_says_what_happened(correction, sentence):
    assert correction.sentence == sentence


# --- How they are kept ---


def test_nothing_is_kept_at_first(home):
    assert corrections.list_corrections() == corrections.Listing((), 0)
    assert not home.exists()


def test_they_are_listed_in_the_order_in_which_they_were_made():
    made = [correct("b"), correct("a"), correct("c", session="other")]
    for correction in made:
        corrections.record_correction(correction)
    assert listed() == made
    assert corrections.list_corrections().of_session("other") == (made[2],)


def test_a_changed_mind_replaces_what_was_said_and_leaves_no_picture_behind():
    corrections.record_correction(correct("a", pixels=bytes(784)))
    corrections.record_correction(correct("b"))
    corrections.record_correction(correct("a", truth=TROUSER))
    assert listed() == [correct("b"), correct("a", truth=TROUSER)]
    assert len(lines()) == 2
    assert b"AAAA" not in corrections.corrections_path().read_bytes()


def test_some_can_be_deleted_and_the_others_stay():
    for key in "abcd":
        corrections.record_correction(correct(key))
    corrections.delete_corrections(["b", "d", "unknown"])
    assert listed() == [correct("a"), correct("c")]
    corrections.delete_corrections([])
    assert listed() == [correct("a"), correct("c")]


def test_all_can_be_deleted_twice():
    corrections.record_correction(correct())
    corrections.delete_everything()
    assert listed() == []
    assert not corrections.corrections_path().exists()
    corrections.delete_everything()


def test_a_damaged_line_is_counted_and_costs_nothing_else():
    for key in "abc":
        corrections.record_correction(correct(key))
    path = corrections.corrections_path()
    first, second, third = lines()
    path.write_bytes(b"\n".join([first, second[: len(second) // 2], b"", third]))  # the last without its end
    assert corrections.list_corrections() == corrections.Listing((correct("a"), correct("c")), 1)
    corrections.record_correction(correct("d"))
    assert [correction.key for correction in listed()] == ["a", "c", "d"]
    assert second[: len(second) // 2] in lines()
    corrections.delete_everything()
    assert corrections.list_corrections().unreadable == 0


@given(st.binary(max_size=200) | st.text().map(str.encode) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["key", "truth", "pixels", "x"]), inner),
).map(json.dumps).map(str.encode))  # fmt: skip
def test_whatever_stands_in_the_file_is_never_an_error(content):
    corrections.delete_everything()
    path = corrections.corrections_path()
    path.write_bytes(content)
    listing = corrections.list_corrections()
    assert listing.corrections == ()
    assert listing.unreadable == sum(bool(line.strip()) for line in content.split(b"\n"))
    corrections.record_correction(correct())
    assert listed() == [correct()]


@pytest.mark.parametrize(
    "entries",
    [
        {"truth": 10},
        {"pixels": "AAAA"},
        {"pixels": "no base64"},
        {"pixels": 7},
        {"confidence": None},
        {"another": 1},
        {"made": float("inf")},
        {"key": ["a"]},
    ],
)
def test_a_line_that_breaks_a_rule_counts_as_damaged(entries):
    corrections.record_correction(correct())
    corrections.corrections_path().write_text(json.dumps(json.loads(lines()[0]) | entries))
    assert corrections.list_corrections() == corrections.Listing((), 1)


def test_two_processes_lose_nothing_of_each_other(home):
    program = (
        "import sys; from tests.core.test_corrections import correct; from fmnist_core import corrections\n"
        "for number in range(40): corrections.record_correction(correct(f'{sys.argv[1]}-{number}'))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, name], cwd=ROOT) for name in ("x", "y")]
    threads = [threading.Thread(target=lambda n=n: corrections.record_correction(correct(f"z-{n}"))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0, 0]
    expected = {f"{name}-{number}" for name in "xy" for number in range(40)} | {f"z-{n}" for n in range(20)}
    assert {correction.key for correction in listed()} == expected
    assert corrections.list_corrections().unreadable == 0


def test_a_full_disk_is_told_in_a_sentence_and_costs_nothing_that_was_kept():
    for number in range(3):
        corrections.record_correction(correct(f"a-{number}", pixels=bytes(784)))
    before = corrections.corrections_path().read_bytes()
    program = (
        "import resource, signal; from tests.core.test_corrections import correct\n"
        "from fmnist_core import corrections; from fmnist_core.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before)}, {len(before)}))\n"
        "try: corrections.record_correction(correct('b'))\n"
        "except StorageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("The lab's folder must have room on its disk")
    assert corrections.corrections_path().read_bytes() == before


# --- What they add up to ---


def test_the_confusion_has_only_classes_that_occur_and_a_column_for_not_sure():
    said = [
        correct("a", COAT, COAT),
        correct("b", COAT, SHIRT),
        correct("c", COAT, SHIRT),
        correct("d", T_SHIRT, SHIRT, abstained=True),
        correct("e", TROUSER, COAT),
    ]
    confusion = corrections.compute_confusion(said)
    assert confusion.classes == (TROUSER, COAT, SHIRT)
    assert confusion.counts.tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [0, 2, 0, 1]]


def test_right_answers_and_right_guesses_are_counted_apart():
    said = [correct("a", COAT, COAT), correct("b"), correct("c"), correct("d", COAT, COAT, abstained=True)]
    said.append(correct("e", abstained=True))
    assert corrections.compute_tally(said) == corrections.Tally(answered=3, right=1, unsure=2, guessed=1)
    assert corrections.compute_tally([]) == corrections.Tally(0, 0, 0, 0)


def test_no_corrections_have_an_empty_confusion():
    confusion = corrections.compute_confusion([])
    assert (confusion.classes, confusion.counts.shape) == ((), (0, 1))


def test_the_csv_has_a_line_for_each(monkeypatch):
    said = [correct("a", pixels=bytes(784)), correct("b", COAT, COAT, abstained=True, kind="a, b", confidence=1 / 3)]
    header, first, second = corrections.export_csv(said).splitlines()
    assert header == "when,kind,run,answer,not sure,confidence,truth,right,picture kept"
    assert first.partition(",")[2] == "photo,r,Coat,0,0.75,Shirt,0,1"
    assert second.partition(",")[2] == '"a, b",r,Coat,1,0.3333,Coat,1,0'
    assert first[:5] == "2001-"
