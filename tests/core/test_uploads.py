import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fmnist_core.photos import read_picture
from fmnist_core.uploads import (
    KEPT_EDGE,
    THUMBNAIL_EDGE,
    compute_digest,
    crop_to_square,
    encode_png,
    encode_thumbnail,
    read_upload,
)


def noise(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def open_data_url(address):
    head, content = address.split(",", 1)
    return head, np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


def test_a_large_picture_is_kept_reduced_and_a_small_one_as_it_is():
    small = noise(28, 28)
    np.testing.assert_array_equal(read_upload("small.png", encode_png(small)).picture, small)
    assert read_upload("large.png", encode_png(noise(900, 600))).picture.shape == (KEPT_EDGE, 341, 3)


def test_a_file_that_is_no_picture_says_why_and_is_told_from_others():
    upload = read_upload("shoe.png", b"%PDF-1.7")
    assert upload.picture is None
    assert upload.name == "shoe.png"
    assert upload.thumbnail == ""
    assert upload.problem.startswith("A picture must be a PNG, JPEG, WebP, GIF or BMP file. Received: a PDF document")
    assert upload.digest == compute_digest(b"%PDF-1.7") != compute_digest(b"")


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 5_000, "<b>.png", "\x00"])
def test_a_name_is_only_a_name(name):
    assert read_upload(name, encode_png(noise(4, 4))).name == name


@given(st.binary(max_size=300))
def test_no_content_raises_anything(content):
    upload = read_upload("x", content)
    assert (upload.picture is None) == bool(upload.problem)


def test_a_thumbnail_keeps_each_pixel_of_a_small_picture():
    item = noise(28, 28)
    head, pixels = open_data_url(encode_thumbnail(item))
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(pixels, item)


def test_a_thumbnail_of_a_photograph_is_small_in_pixels_and_bytes():
    head, pixels = open_data_url(encode_thumbnail(noise(300, 600)))
    assert head == "data:image/jpeg;base64"
    assert pixels.shape == (THUMBNAIL_EDGE // 2, THUMBNAIL_EDGE, 3)


def test_a_png_gives_the_picture_back():
    picture = noise(30, 20)
    np.testing.assert_array_equal(read_picture(encode_png(picture)), picture)


def test_the_middle_square_is_cut_out():
    picture = np.arange(24, dtype=np.uint8).reshape(6, 4)
    np.testing.assert_array_equal(crop_to_square(picture), picture[1:5])
    np.testing.assert_array_equal(crop_to_square(picture.T), picture[1:5].T)
