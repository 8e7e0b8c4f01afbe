import numpy as np

from fmnist_core.interpretation.outlines import outline


def test_a_frame_lies_just_inside_its_window_and_the_rest_is_the_picture():
    image = np.random.default_rng(0).integers(0, 200, (28, 28), np.uint8)
    framed = outline(image, (3, 5, 6, 9), "#ff0000")
    assert (framed.shape, framed.dtype) == ((112, 112, 3), np.uint8)
    red = (framed == (255, 0, 0)).all(axis=2)
    expected = np.zeros((112, 112), bool)
    expected[12:24, 20:36] = True
    expected[14:22, 22:34] = False
    assert np.array_equal(red, expected)
    assert np.array_equal(framed[~red], np.kron(image, np.ones((4, 4), np.uint8))[~red][:, None].repeat(3, axis=1))
