import numpy as np
import pytest

from fmnist_core import runs, templates
from fmnist_core.answering import Answerer
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.photos import prepare_drawing
from fmnist_core.prediction import Predictor, predict_either_way
from fmnist_core.templates import EXAMPLES, SIDE, TEMPLATES, Shape, complete, draw_template

SHOES = ("Sandal", "Sneaker", "Ankle boot")
SYMMETRIC = ("T-shirt/top", "Trouser", "Pullover", "Dress")


@pytest.fixture
def draw(monkeypatch):
    """Draw shapes as the only template."""

    def draw(*shapes):
        monkeypatch.setattr(templates, "TEMPLATES", {0: shapes})
        draw_template.cache_clear()
        return draw_template(0)

    yield draw
    draw_template.cache_clear()


def test_every_class_has_an_outline():
    assert list(TEMPLATES) == list(range(len(CLASS_NAMES)))


def test_the_reference_run_takes_each_outline_for_its_class():
    predictor = Predictor(runs.load_run("mcnn-proposed").path / "model.keras")
    for class_index in TEMPLATES:
        probabilities, _ = predict_either_way(predictor, prepare_drawing(draw_template(class_index)).image)
        assert probabilities.argmax() == class_index, CLASS_NAMES[class_index]
        assert probabilities.max() > 0.75, CLASS_NAMES[class_index]


def test_the_run_that_answers_takes_nearly_each_outline_for_its_class():
    verdicts = [
        Answerer.load(runs.find_answering_run()).ask(prepare_drawing(draw_template(class_index)).image)
        for class_index in TEMPLATES
    ]
    # Its coats and shirts are close.
    assert sum(verdict.class_index == class_index for class_index, verdict in enumerate(verdicts)) >= 9
    assert sum(verdict.abstained for verdict in verdicts) <= 1


@pytest.mark.parametrize("class_index", TEMPLATES)
def test_an_outline_is_a_garment_bright_on_black_away_from_the_border(class_index):
    sheet = draw_template(class_index)
    assert (sheet.shape, sheet.dtype) == ((SIDE, SIDE), np.uint8)
    assert not sheet.flags.writeable
    assert 0.08 < (sheet > 12).mean() < 0.65
    assert 150 < sheet[sheet > 12].mean() < 215
    assert not sheet[:, [0, -1]].any()


@pytest.mark.parametrize("name", SHOES)
def test_a_shoe_points_to_the_left(name):
    ink = draw_template(CLASS_NAMES.index(name)) > 12
    heights = ink.sum(axis=0)[ink.any(axis=0)]
    third = len(heights) // 3
    assert heights[:third].mean() < heights[-third:].mean()
    # And the shaft or heel strap stands at the right.
    assert np.flatnonzero(ink[np.flatnonzero(ink.any(axis=1))[0]]).mean() > SIDE / 2


@pytest.mark.parametrize("name", SYMMETRIC)
def test_garments_are_symmetric(name):
    sheet = draw_template(CLASS_NAMES.index(name)).astype(int)
    assert np.abs(sheet - sheet[:, ::-1]).mean() < 1.5


def test_a_patch_is_filled_and_a_line_is_as_wide_as_it_says(draw):
    sheet = draw(Shape(((40, 60), (100, 60), (100, 160), (40, 160)), 200), Shape(((40, 200), (200, 200)), 90, width=10))
    assert (sheet[61:159, 41:99] == 200).all()
    assert (sheet[196:204, 45:195] == 90).all()
    assert not sheet[:59].any()
    assert not sheet[:, 210:].any()
    assert np.isclose((sheet[:180] / 200).sum(), 60 * 100, rtol=0.01)


def test_a_shape_can_be_there_twice_and_a_dark_one_cuts_a_hole(draw):
    square = ((20, 20), (80, 20), (80, 80), (20, 80))
    hole = ((40, 40), (60, 40), (60, 60), (40, 60))
    sheet = draw(Shape(square, 150, twice=True), Shape(hole, 0))
    assert (sheet[42:58, 42:58] == 0).all()
    assert (sheet[21:79, 202:258] == 150).all()


def test_half_a_shape_is_completed_by_its_mirror_image():
    points = complete(Shape(((100, 0), (60, 50), (140, 90)), 200, half=True))
    assert points.tolist() == [[100, 0], [60, 50], [140, 90], [140, 90], [220, 50], [180, 0]]


def test_a_curve_goes_through_its_points_and_stays_in_the_corners():
    points = ((10, 10), (10, 10), (100, 30), (100, 30), (60, 90))
    curve = complete(Shape(points, 200, curved=True))
    for point in points:
        assert np.abs(curve - point).sum(axis=1).min() == 0
    line = complete(Shape(((0, 0), (10, 0), (20, 0)), 200, width=3, curved=True))
    assert line[0].tolist() == [0, 0]
    assert line[-1].tolist() == [20, 0]
    assert not line[:, 1].any()
    assert (np.diff(line[:, 0]) > 0).all()


@pytest.mark.parametrize("class_index", [-1, 10])
def test_there_is_no_outline_of_an_eleventh_class(class_index):
    with pytest.raises(InvalidSettingError, match=rf"`class_index` must be 0 to 9. Received: {class_index}\."):
        draw_template(class_index)


def test_the_examples_are_test_items_of_the_class_that_they_speak_of(dataset):
    for example, name in zip(EXAMPLES, ("Pullover", "Ankle boot", "Dress"), strict=True):
        assert example.item >= 60_000
        assert CLASS_NAMES[dataset.labels[example.item]] == name
