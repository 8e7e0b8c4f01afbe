import io
import struct
import time
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fmnist_core import photos
from fmnist_core.errors import InvalidPictureError

RED, GREEN = (200, 30, 40), (20, 160, 60)


def save(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def two_halves(mode="RGB", size=(40, 20)):
    """Red on the left, green on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (size[0] // 2, 0, *size))
    return image.convert(mode)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_every_format_is_read_by_its_content(kind):
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}}.get(kind, {})
    picture = photos.read_picture(save(two_halves(), kind, **options))
    assert picture.shape == (20, 40, 3)
    assert picture.dtype == np.uint8
    assert np.abs(picture[10, 5].astype(int) - RED).max() <= 3
    assert np.abs(picture[10, 35].astype(int) - GREEN).max() <= 3


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("LA", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("1", "BMP")],
)
def test_other_colour_modes_become_rgb(mode, kind):
    picture = photos.read_picture(save(Image.new("L", (6, 4), 255).convert(mode), kind))
    assert picture.shape == (4, 6, 3)
    assert picture.min() >= 253


def test_sixteen_bits_are_scaled_not_cut_off():
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    picture = photos.read_picture(save(Image.fromarray(values)))
    assert picture[0, :, 0].tolist() == [0, 1, 128, 255]


def test_what_is_transparent_lies_on_white():
    image = Image.new("RGBA", (2, 1), (*RED, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    assert photos.read_picture(save(image)).tolist() == [[list(RED), [255, 255, 255]]]


def test_a_palette_can_be_transparent_as_well():
    image = Image.new("P", (2, 1), 0)
    image.putpalette([*RED, *GREEN])
    image.putpixel((1, 0), 1)
    assert photos.read_picture(save(image, transparency=0)).tolist() == [[[255, 255, 255], list(GREEN)]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "red"),
    [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")],
)
def test_a_photograph_is_turned_upright(kind, orientation, red):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = photos.read_picture(save(two_halves(), kind, exif=exif, quality=95))
    lies = red in ("left", "right")
    assert picture.shape == ((20, 40, 3) if lies else (40, 20, 3))
    place = {"left": (10, 5), "right": (10, 35), "top": (5, 10), "bottom": (35, 10)}[red]
    assert np.abs(picture[place].astype(int) - RED).max() <= 30


def test_damaged_exif_data_do_not_matter():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = photos.read_picture(save(two_halves(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\0\0nonsense", quality=95))
    assert picture.shape == (20, 40, 3)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_of_an_animation_counts(kind):
    frames = [Image.new("RGB", (8, 8), color) for color in (RED, GREEN)]
    options = {"lossless": True} if kind == "WEBP" else {}
    picture = photos.read_picture(save(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    assert picture[4, 4].tolist() == list(RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_large_pictures_are_reduced(kind):
    picture = photos.read_picture(save(two_halves(size=(4000, 1000)), kind))
    assert picture.shape == (256, 1024, 3)
    assert np.abs(picture[128, [0, 500, 520, 1023]].astype(int) - [RED, RED, GREEN, GREEN]).max() <= 6


def test_reducing_averages_over_areas_and_what_is_transparent_counts_as_white():
    pixels = np.zeros((2, 4096, 4), np.uint8)
    pixels[:, ::2] = (100, 100, 100, 255)  # every other column grey, the rest transparent
    picture = photos.read_picture(save(Image.fromarray(pixels)))
    assert picture.shape == (1, 1024, 3)
    assert np.unique(picture).tolist() == [178]


def test_small_pictures_keep_their_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    assert (photos.read_picture(save(Image.fromarray(pixels))) == pixels[..., None]).all()


# --- What is refused ---


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"%PDF-1.7 and so on", "a PDF document; open it and take a screenshot of the garment"),
        (b"PK\x03\x04 and so on", "a ZIP archive or an office document; unpack it first"),
        (b"\x1f\x8b\x08\x00", "a compressed archive; unpack it first"),
        (b"II*\x00 and so on", "a TIFF picture; save or export it as JPEG first"),
        (b"II*\x00\x10\0\0\0CR\x02\0", "a camera's raw picture; save or export it as JPEG first"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture, as iPhones take them; save or export it as JPEG first"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "a HEIC picture, as iPhones take them; save or export it as JPEG first"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF picture; save or export it as JPEG first"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a video; take a still from it"),
        (b"\x1aE\xdf\xa3 webm", "a video; take a still from it"),
        (b"RIFF\x01\x02\x03\x04AVI LIST", "a video; take a still from it"),
        (b"ID3\x04", "a sound; choose the picture itself"),
        (b"\x00\x00\x08\x03\x00\x00\xea\x60", "the data set's own IDX file; open it on the page Gallery"),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", "an SVG drawing; open it and take a screenshot of the garment"),
        ("<svg>".encode("utf-16"), "an SVG drawing; open it and take a screenshot of the garment"),
        (b"\n<!DOCTYPE html><p>", "a web page; save the picture itself, not the page around it"),
        (b"data:image/png;base64,iVBORw0KGgo", "a picture written as text; save it as a file first"),
        (b"just some text, caf\xc3\xa9", "a text; choose the picture itself"),
        (b"BM is how this text begins, and a long one", "a text; choose the picture itself"),
        (bytes(5000), "a file that holds only zeros, as a copy that failed leaves behind; fetch it again"),
        (b"\x01\x02\x03", "a file of an unknown kind; choose another"),
    ],
)
def test_what_is_no_picture_is_named_by_its_content(content, received):
    with pytest.raises(InvalidPictureError) as caught:
        photos.read_picture(content)
    assert str(caught.value) == f"A picture must be a PNG, JPEG, WebP, GIF or BMP file. Received: {received}."


def test_an_empty_file_is_refused():
    with pytest.raises(InvalidPictureError, match=r"^A picture must have content. Received: an empty file; "):
        photos.read_picture(b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("share", [0.5, 0.01])
def test_a_picture_that_breaks_off_is_refused(kind, share):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    content = save(noise, kind)
    name = "WebP" if kind == "WEBP" else kind
    with pytest.raises(InvalidPictureError, match=f"whole. Received: a {name} file that is damaged or breaks off; "):
        photos.read_picture(content[: max(20, int(share * len(content)))])


def png_of_size(width, height):
    """A PNG that claims a size and holds one row of nothing."""
    content = bytearray(save(Image.new("L", (1, 1))))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def gif_of_size(width, height):
    """A GIF with a small screen and one frame that claims a size."""
    content = bytearray(save(Image.new("L", (1, 1)), "GIF"))
    frame = content.index(b",\0\0\0\0")
    content[frame + 5 : frame + 9] = struct.pack("<HH", width, height)
    return bytes(content)


def webp_of_size(width, height):
    """An animated WebP that claims a size for frames of 8 × 8."""
    frames = [Image.new("RGB", (8, 8), color) for color in (RED, GREEN)]
    content = bytearray(save(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    assert content[12:16] == b"VP8X"
    content[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        png_of_size(10_000, 6_401),
        png_of_size(12_000, 12_000),
        png_of_size(2**31 - 1, 2**31 - 1),
        gif_of_size(65_535, 65_535),
        gif_of_size(12_000, 12_000),
    ],
)
def test_absurdly_large_pictures_are_refused_before_they_are_decoded(content):
    tracemalloc.start()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InvalidPictureError) as caught:
            photos.read_picture(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(caught.value).startswith("A picture must have at most 64 million pixels. Received: ")
    assert str(caught.value).endswith("; make it smaller first.")
    assert peak < 10_000_000


def test_the_size_that_was_received_is_said():
    with pytest.raises(InvalidPictureError, match=r"Received: 10,000 × 6,401; "):
        photos.read_picture(png_of_size(10_000, 6_401))


def test_webp_may_have_half_as_many_pixels():
    with pytest.raises(InvalidPictureError, match=r"at most 32 million pixels. Received: 8,000 × 4,001; "):
        photos.read_picture(webp_of_size(8_000, 4_001))


def test_a_jpeg_of_endless_scans_is_refused():
    content = save(Image.new("L", (3000, 3000)), "JPEG", progressive=True)
    scan = content.rindex(b"\xff\xda")
    with pytest.raises(InvalidPictureError, match=r"must be made of few scans. Received: 20"):
        photos.read_picture(content[:-2] + 200 * content[scan:-2] + content[-2:])


# --- Damage ---

PICTURES = [save(two_halves(), kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP")] + [
    save(two_halves("P"), "PNG"),
    save(Image.fromarray(np.zeros((9, 7), np.uint16)), "PNG"),
]


def read_or_refuse(content):
    """Read a picture; return None if it is refused, which must be in a sentence of ours."""
    try:
        picture = photos.read_picture(content)
    except InvalidPictureError as error:
        message = str(error)
        assert message.startswith("A")
        assert " must be " in message or " must have " in message
        assert message.endswith(".")
        return None
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    return picture


@given(st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_an_invalid_one(content):
    read_or_refuse(content)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PICTURES), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8), st.data())
def test_any_damage_is_survived(content, damage, data):
    damaged = bytearray(content[: data.draw(st.integers(0, len(content)))])
    for place, value in damage:
        if damaged:
            damaged[place % len(damaged)] = value
    read_or_refuse(bytes(damaged))


def make_sound_pictures():
    """One of each format and of its variants, 120 × 160, as a camera or a drawing program would write it."""
    generator = np.random.default_rng(1)
    pixels = generator.integers(90, 120, (160, 120, 3), dtype=np.uint8)
    pixels[40:120, 30:90] = RED
    image, other = Image.fromarray(pixels), Image.fromarray(255 - pixels)
    exif = Image.Exif()
    exif[0x0112] = 6
    animated = {"save_all": True, "append_images": [other]}
    return [
        save(image, "JPEG", exif=exif),
        save(image, "JPEG", progressive=True),
        save(image.convert("CMYK"), "JPEG"),
        save(image, "PNG"),
        save(image.convert("RGBA"), "PNG", **animated),
        save(image.convert("P"), "PNG", transparency=0),
        save(Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), "PNG"),
        save(image, "GIF", **animated),
        save(image, "WEBP"),
        save(image.convert("RGBA"), "WEBP", lossless=True, **animated),
        save(image, "BMP"),
        save(image.convert("P"), "BMP"),
    ]


def damage(pictures, generator):
    """Cut a picture off, flip some of its bits, lay another's beginning over it, or repeat a piece of it."""
    content = bytearray(pictures[generator.integers(len(pictures))])
    way = generator.integers(4)
    if way == 0:
        del content[generator.integers(len(content)) :]
    elif way == 1:
        # Mostly near the beginning, where the headers are.
        reach = len(content) if generator.random() < 0.4 else min(len(content), 200)
        for place in generator.integers(reach, size=generator.integers(1, 20)):
            content[place] ^= 1 << generator.integers(8)
    elif way == 2:
        other = pictures[generator.integers(len(pictures))]
        length = generator.integers(4, 120)
        content[:length] = other[:length]
    else:
        start, length, place = generator.integers(len(content), size=3)
        content[place:place] = content[start : start + length % 2000]
    return bytes(content)


def test_five_hundred_damaged_files_end_in_a_sentence_or_a_picture_and_none_takes_long():
    pictures = make_sound_pictures()
    assert all(read_or_refuse(content) is not None for content in pictures)
    generator = np.random.default_rng(28)
    slowest, n_refused, n_prepared = 0.0, 0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(500):
            content = damage(pictures, generator)
            began = time.process_time()
            picture = read_or_refuse(content)
            n_refused += picture is None
            # A few go all the way; what pixels do there has its own test.
            if picture is not None and number % 40 == 0:
                n_prepared += photos.prepare_photo(picture).image.shape == (28, 28)
            slowest = max(slowest, time.process_time() - began)
    assert slowest < 2
    assert n_prepared >= 2
    assert 200 < n_refused < 450  # damage that always or never is seen would test little
