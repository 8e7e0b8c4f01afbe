import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fmnist_core.errors import InvalidSettingError
from fmnist_core.photographs import (
    Outcome,
    Photograph,
    Reply,
    Way,
    compare_ways,
    compute_abstention_curve,
    estimate_accuracy,
    find_photographs,
)

SANDAL, SNEAKER, BOOT = 5, 7, 9


def save(path, grey):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), (grey, grey, grey)).save(path)


def take_mean(picture):
    """A picture of one grey as 28 × 28 of it."""
    return np.full((28, 28), round(picture.mean()), np.uint8)


def name_grey(image):
    """A network of sorts: 100 is a sandal, 200 a boot, for both it is the less sure the further away."""
    probabilities = np.zeros(10)
    probabilities[BOOT] = image[0, 0] / 300
    probabilities[SANDAL] = 1 - probabilities[BOOT]
    return Reply(probabilities, bool(probabilities.max() < 0.6))


WAY = Way("grey", "by its grey", take_mean, name_grey)


# --- Which photographs there are ---


def test_photographs_are_found_in_the_order_of_their_names(tmp_path):
    for name in ("shoe-5-7-or-9/b.png", "shoe-5-7-or-9/a.png", "0-t-shirt/x.png", "unsorted/y.png", ".git/0.png"):
        save(tmp_path / name, 0)
    (tmp_path / "0-t-shirt" / ".hidden").touch()
    (tmp_path / "0-t-shirt" / "1-folder").mkdir()
    (tmp_path / "7.txt").touch()
    assert find_photographs(tmp_path) == [
        Photograph(tmp_path / "0-t-shirt" / "x.png", (0,), 0),
        Photograph(tmp_path / "shoe-5-7-or-9" / "a.png", (SANDAL, SNEAKER, BOOT), 0),
        Photograph(tmp_path / "shoe-5-7-or-9" / "b.png", (SANDAL, SNEAKER, BOOT), 1),
    ]
    assert find_photographs(tmp_path)[1].group == "shoe-5-7-or-9"


def test_each_half_takes_every_other_photograph_of_each_sub_folder(tmp_path):
    for name in ("0/a", "0/b", "0/c", "1/a", "1/b"):
        save(tmp_path / f"{name}.png", 0)
    halves = {
        half: [f"{photo.group}/{photo.path.stem}" for photo in find_photographs(tmp_path, half)]
        for half in ("all", "even", "odd")
    }
    assert halves == {
        "all": ["0/a", "0/b", "0/c", "1/a", "1/b"],
        "even": ["0/a", "0/c", "1/a"],
        "odd": ["0/b", "1/b"],
    }


def test_a_folder_without_labelled_photographs_is_told(tmp_path):
    save(tmp_path / "shirts" / "a.png", 0)
    (tmp_path / "6-shirt").mkdir()
    with pytest.raises(InvalidSettingError, match=r"a sub-folder of photographs for each class.*Received: /"):
        find_photographs(tmp_path)
    with pytest.raises(InvalidSettingError, match=r"`photos` must be a folder\. Received: .*nowhere, No such file"):
        find_photographs(tmp_path / "nowhere")
    with pytest.raises(InvalidSettingError, match=r"`photos` must be a folder\. .*Not a directory"):
        find_photographs(tmp_path / "shirts" / "a.png")
    with pytest.raises(InvalidSettingError, match=r"`half` must be one of all, even, odd\. Received: third\."):
        find_photographs(tmp_path, "third")


# --- What ways make of them ---


def test_every_class_that_a_name_holds_counts_as_right(tmp_path):
    save(tmp_path / "5-or-9" / "sandal.png", 90)
    save(tmp_path / "5-or-9" / "boot.png", 240)
    save(tmp_path / "9" / "sandal.png", 60)
    save(tmp_path / "9" / "unsure.png", 165)
    (outcome,) = compare_ways(find_photographs(tmp_path), [WAY]).outcomes
    # In the order boot, sandal; sandal, unsure.
    assert outcome.right.tolist() == [True, True, False, True]
    assert outcome.abstained.tolist() == [False, False, False, True]
    np.testing.assert_allclose(outcome.confidences, [0.8, 0.7, 0.8, 0.55])
    np.testing.assert_allclose(outcome.likelihoods, [1, 1, 0.2, 0.55])
    assert outcome.log_loss == pytest.approx(-(np.log(0.2) + np.log(0.55)) / 4)
    assert (outcome.seconds > 0).all()


def test_where_no_garment_was_found_nobody_is_asked(tmp_path):
    save(tmp_path / "5" / "black.png", 0)

    def refuse(image):
        raise AssertionError

    (outcome,) = compare_ways(find_photographs(tmp_path), [Way("blank", "", take_mean, refuse)]).outcomes
    assert not outcome.probabilities.any()
    assert (outcome.abstained.tolist(), outcome.right.tolist()) == ([True], [False])
    # No class of index 0 is meant by ten zeros either.
    save(tmp_path / "0" / "black.png", 0)
    (outcome,) = compare_ways(find_photographs(tmp_path), [Way("blank", "", take_mean, refuse)]).outcomes
    assert outcome.right.tolist() == [False, False]


def test_ways_that_share_a_preparation_have_it_done_once(tmp_path):
    for name in "ab":
        save(tmp_path / "5" / f"{name}.png", 90)
    prepared = []

    def prepare(picture):
        prepared.append(picture)
        return take_mean(picture)

    def turn(image):
        return Reply(name_grey(image).probabilities[::-1], False)

    ways = [Way("one", "", prepare, name_grey), Way("two", "", prepare, turn), WAY]
    comparison = compare_ways(find_photographs(tmp_path), ways)
    assert len(prepared) == 2
    assert [outcome.right.tolist() for outcome in comparison.outcomes] == [[True] * 2, [False] * 2, [True] * 2]
    assert [outcome.way for outcome in comparison.outcomes] == ways


def test_files_that_are_no_pictures_are_told_and_left_out(tmp_path):
    save(tmp_path / "5" / "a.png", 90)
    (tmp_path / "5" / "b.jpg").write_text("no picture")
    (tmp_path / "9" / "c").parent.mkdir()
    (tmp_path / "9" / "c").symlink_to("nowhere")
    heard = []
    photographs = [*find_photographs(tmp_path), Photograph(tmp_path / "9" / "gone.png", (9,), 1)]
    comparison = compare_ways(photographs, [WAY], lambda *told: heard.append(told))
    assert [photo.path.name for photo in comparison.photographs] == ["a.png"]
    assert comparison.decoding.shape == (1,)
    assert [path.name for path in comparison.unreadable] == ["b.jpg", "gone.png"]
    assert comparison.unreadable[tmp_path / "5" / "b.jpg"].startswith("A picture must be a ")
    assert comparison.unreadable[tmp_path / "9" / "gone.png"] == "The file cannot be read: No such file or directory."
    assert heard == [("Photographs", pytest.approx(share)) for share in (1 / 3, 2 / 3, 1)]


def test_nothing_but_bad_files_leaves_empty_outcomes(tmp_path):
    (tmp_path / "5").mkdir()
    (tmp_path / "5" / "a.png").write_bytes(b"")
    comparison = compare_ways(find_photographs(tmp_path), [WAY])
    assert comparison.photographs == ()
    assert comparison.outcomes[0].probabilities.shape == (0, 10)


# --- What they add up to ---


def test_the_curve_by_hand():
    curve = compute_abstention_curve(np.array([0.5, 0.9, 0.7, 0.9]), np.array([False, True, True, False]))
    assert curve.thresholds.tolist() == [0.9, 0.7, 0.5]
    assert curve.coverage.tolist() == [0.5, 0.75, 1]
    np.testing.assert_allclose(curve.accuracy, [0.5, 2 / 3, 0.5])
    assert [curve.at(share) for share in (0, 0.5, 0.51, 0.75, 1)] == [0, 0, 1, 1, 2]


@given(st.lists(st.tuples(st.sampled_from(np.linspace(0.1, 1, 12).tolist()), st.booleans()), min_size=1))
def test_the_curve_counts_what_reaches_each_threshold(answers):
    confidences, right = map(np.array, zip(*answers, strict=True))
    curve = compute_abstention_curve(confidences, right)
    assert curve.thresholds.tolist() == sorted(set(confidences.tolist()), reverse=True)
    for threshold, coverage, accuracy in zip(curve.thresholds, curve.coverage, curve.accuracy, strict=True):
        answered = confidences >= threshold
        assert coverage == pytest.approx(answered.mean())
        assert accuracy == pytest.approx(right[answered].mean())
    assert curve.coverage[-1] == 1
    for tenth in range(11):
        place = curve.at(tenth / 10)
        assert curve.coverage[place] >= tenth / 10 - 1e-9
        assert place == 0 or curve.coverage[place - 1] < tenth / 10


def test_accuracy_of_some_has_its_interval():
    right = np.array([True, True, False, True])
    outcome = Outcome(WAY, np.full((4, 10), 0.1), ~right, right, np.full(4, 0.1), np.zeros(4))
    share = estimate_accuracy(outcome, np.array([True, True, True, False]))
    # Wilson's interval of 2 in 3, from a table.
    assert (share.value, share.low, share.high) == pytest.approx((2 / 3, 0.2077, 0.9385), abs=1e-4)
    assert estimate_accuracy(outcome, np.zeros(4, bool)) is None
