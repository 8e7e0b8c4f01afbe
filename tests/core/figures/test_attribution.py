import numpy as np

from fmnist_core.figures.attribution import HEAT, lay_over, paint_attribution, paint_heat, plot_curve
from fmnist_core.interpretation.sanity import Curves
from fmnist_core.sheets import ABOVE_ZERO, BELOW_ZERO


def to_hex(pixel):
    return "#" + "".join(f"{value:02x}" for value in pixel[:3])


def test_heat_is_painted_from_nothing_to_the_hottest_color():
    painted = paint_heat(np.array([[0.0, 0.25, 0.4, 1.0]]))
    assert (painted.shape, painted.dtype) == ((1, 4, 4), np.uint8)
    assert painted[0, :, 3].tolist() == [0, 80, 128, 255]
    assert (to_hex(painted[0, 1]), to_hex(painted[0, 3])) == (HEAT[1], HEAT[-1])


def test_hotter_is_always_brighter():
    brightness = paint_heat(np.linspace(0, 1, 50)[None])[0, :, :3].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) >= -0.5).all()
    assert brightness[-1] > brightness[0] + 150


def test_signs_have_two_colors_and_one_value_that_dwarfs_all_others_hides_none():
    values = np.full((28, 28), 0.5)
    values[0, :3] = -0.5, 0, 1000
    painted = paint_attribution(values, np.zeros((28, 28)), signed=True)
    assert [to_hex(painted[0, column]) for column in (0, 2)] == [BELOW_ZERO, ABOVE_ZERO]
    assert painted[0, :3, 3].tolist() == [255, 0, 255]
    assert painted[5, 5, 3] == 255
    assert not paint_attribution(np.zeros((2, 2)), np.zeros((2, 2)), signed=True)[..., 3].any()
    # Without signs it is the heat that counts.
    heat = np.array([[0.0, 1.0]])
    assert np.array_equal(paint_attribution(-heat, heat, signed=False), paint_heat(heat))


def test_heat_lies_over_the_garment_as_strongly_as_asked():
    image = np.array([[100, 100]], np.uint8)
    painted = np.array([[[200, 0, 50, 255], [200, 0, 50, 0]]], np.uint8)
    assert lay_over(image, painted, 0.5).tolist() == [[[150, 50, 75], [100, 100, 100]]]
    assert lay_over(image, painted, 1).tolist() == [[[200, 0, 50], [100, 100, 100]]]
    assert lay_over(image, painted, 0).tolist() == [[[100, 100, 100], [100, 100, 100]]]


def test_curves_are_drawn_over_the_range_of_random_orders():
    shares = np.array([0, 0.5, 1])
    random = np.array([[0.9, 0.5, 0.1], [0.9, 0.7, 0.1]])
    curves = Curves(shares, np.array([0.9, 0.2, 0.1]), np.array([0.1, 0.8, 0.9]), random, random[:, ::-1])
    low, high, mean, ordered = plot_curve(curves, False, "#123456").data
    assert (list(low.y), list(high.y), list(mean.y)) == ([0.9, 0.5, 0.1], [0.9, 0.7, 0.1], [0.9, 0.6, 0.1])
    assert (list(ordered.y), ordered.line.color) == ([0.9, 0.2, 0.1], "#123456")
    back = plot_curve(curves, True, "#123456")
    assert list(back.data[3].y) == [0.1, 0.8, 0.9]
    assert back.layout.xaxis.title.text == "pixels put back"
