import numpy as np

from fmnist_core.interpretation.feature_maps import draw_filters, draw_maps, find_strongest


def test_all_maps_share_one_scale_and_keep_their_sign():
    maps = np.zeros((2, 2, 2), np.float32)
    maps[0, 1, 0], maps[1, 1, 1], maps[0, 0, 1] = 4.0, -2.0, 1.0
    pictures = draw_maps(maps)
    assert pictures.pixels.tolist() == [[[0, 127], [0, 0]], [[32, 0], [0, -64]]]
    assert pictures.peaks.tolist() == [4.0, -2.0]
    assert (pictures.largest, pictures.total) == (4.0, 2)


def test_of_many_the_strongest_are_shown_in_order():
    maps = np.array([0.5, -3.0, 1.0, 2.0], np.float32).reshape(1, 1, 4)
    pictures = draw_maps(maps, limit=2)
    assert pictures.channels.tolist() == [1, 3]
    assert pictures.pixels.ravel().tolist() == [-127, 85]
    assert pictures.total == 4
    # The scale is that of all, also of those left out.
    assert draw_maps(np.array([4.0, -8.0], np.float32).reshape(1, 1, 2), limit=1).largest == 8.0


def test_units_are_pictures_of_one_pixel():
    pictures = draw_maps(np.array([1.0, -1.0, 0.0], np.float32))
    assert pictures.pixels.shape == (3, 1, 1)
    assert pictures.pixels.ravel().tolist() == [127, -127, 0]


def test_maps_of_zeros_are_black():
    assert not draw_maps(np.zeros((3, 3, 2), np.float32)).pixels.any()


def test_a_large_map_keeps_its_strongest_pixels():
    maps = np.zeros((65, 65, 1), np.float32)
    maps[64, 64], maps[5, 2] = -1.0, 0.5
    (picture,) = draw_maps(maps).pixels
    assert picture.shape == (22, 22)
    assert picture[21, 21] == -127
    assert picture[1, 0] == 64
    assert np.count_nonzero(picture) == 2


def test_a_filter_is_the_mean_over_its_input_channels():
    filters = np.zeros((2, 1, 2, 2), np.float32)
    filters[0, 0, 0] = [1.0, 3.0]
    filters[1, 0, 1] = [-1.0, 0.0]
    pictures = draw_filters(filters)
    assert pictures.pixels.tolist() == [[[127, 0]], [[0, -32]]]


def test_the_strongest_channel_has_the_largest_value():
    maps = np.zeros((2, 2, 3), np.float32)
    maps[0, 0] = [1.0, -9.0, 0.0]
    maps[1, 1, 2] = 2.0
    assert find_strongest(maps) == 2
    assert find_strongest(np.array([0.0, 5.0, -7.0])) == 1
