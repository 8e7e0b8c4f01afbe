import numpy as np

from fmnist_core.photos.regions import mark_border, measure_from_centre, tidy


def test_the_border_is_as_thick_as_asked():
    border = mark_border(20, 30, 0.1)
    assert border.sum() == 20 * 30 - 16 * 26
    assert mark_border(1, 1).all()


def test_distances_are_shares_of_half_the_picture():
    down, across = measure_from_centre(3, 4)
    assert down[:, 0].round(6).tolist() == [0.666667, 0, 0.666667]
    assert across[0].tolist() == [0.75, 0.25, 0.25, 0.75]


def test_tidying_keeps_a_pair_and_drops_crumbs():
    mask = np.zeros((60, 60), bool)
    mask[20:50, 10:25] = mask[20:50, 35:50] = True
    crumbs = mask.copy()
    crumbs[2:5, 2:5] = crumbs[55, 30] = True
    # Only the corners are rounded.
    assert (tidy(crumbs) ^ mask).sum() == 8


def test_an_empty_mask_stays_empty():
    assert not tidy(np.zeros((5, 7), bool)).any()
