"""Decode the picture files that people have, by what they hold and not by their names; memory stays bounded."""

import math
import warnings
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.errors import InvalidPictureError
from fmnist_core.photos import signatures

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
# Phones have up to 50 "megapixels", a little more than 50 million pixels; more would cost hundreds of megabytes.
MAX_PIXELS = 64_000_000
READ_EDGE = 1024

# A WebP file is decoded through several copies of its first frame.
_MAX_PIXELS_WEBP = MAX_PIXELS // 2
# A progressive JPEG goes over all of its pixels in every scan; one with thousands of scans would hold us up for hours.
_SCAN = b"\xff\xda"
_MAX_SCANNED = 1_000_000_000
# So many rows of the reduced picture are made at a time.
_BAND = 64
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Picture = NDArray[np.uint8]


def read_picture(content: bytes) -> Picture:
    """Decode a PNG, JPEG, WebP, GIF or BMP file, told by its content and not by its name.

    Of an animation the first frame counts. It is turned upright as its EXIF data say, laid on white where it is
    transparent, brought to eight bits, and reduced so that its longest edge has at most `READ_EDGE` pixels.

    Args:
        content: the file's bytes.

    Returns:
        Array of shape (h, w, 3), uint8, RGB.

    Raises:
        InvalidPictureError: if it is no such file, is damaged, or has more than `MAX_PIXELS` pixels.
    """
    if not content:
        raise InvalidPictureError("A picture must have content. Received: an empty file; choose another.")
    kind = signatures.name_format(content)
    if kind is None:
        raise InvalidPictureError(
            f"A picture must be a PNG, JPEG, WebP, GIF or BMP file. Received: {signatures.name_other(content)}."
        )
    # Pillow tells of odd files in its own words, and of large ones that are refused here anyway.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(BytesIO(content), formats=(kind.upper(),))
            _check_size(image, content)
            return np.asarray(_to_rgb(image), np.uint8)
        except InvalidPictureError:
            raise
        except Image.DecompressionBombError as error:
            raise InvalidPictureError(_too_large("several times as many")) from error
        except Exception as error:  # Pillow raises whatever its decoders raise on damaged bytes
            raise InvalidPictureError(
                f"A picture must be whole. Received: a {kind} file that is damaged or breaks off; fetch it again."
            ) from error


def fit_within(image: Image.Image, edge: int) -> Image.Image:
    """Reduce an image, by averaging over areas, until its longest edge has at most `edge` pixels."""
    if max(image.size) <= edge:
        return image
    scale = edge / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _check_size(image: Image.Image, content: bytes) -> None:
    pixels, most = image.width * image.height, _MAX_PIXELS_WEBP if image.format == "WEBP" else MAX_PIXELS
    if pixels > most:
        raise InvalidPictureError(_too_large(f"{image.width:,} × {image.height:,}", most))
    scans = content.count(_SCAN) if image.format in ("JPEG", "MPO") else 0
    if pixels * scans > _MAX_SCANNED:
        raise InvalidPictureError(f"A JPEG file must be made of few scans. Received: {scans:,}; save it again.")


def _too_large(received: str, most: int = MAX_PIXELS) -> str:
    return (
        f"A picture must have at most {most // 1_000_000} million pixels. Received: {received}; make it smaller first."
    )


def _to_rgb(image: Image.Image) -> Image.Image:
    image.draft(None, (READ_EDGE, READ_EDGE))  # lets JPEG leave out detail; the others know no such thing
    image.load()
    turn = _UPRIGHT.get(_read_orientation(image))
    reduced = fit_within(_reduce(image), READ_EDGE)
    return reduced if turn is None else reduced.transpose(turn)


def _read_orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged EXIF data do not make the picture worse
        return 1


def _reduce(image: Image.Image) -> Image.Image:
    """Make an image RGB, and reduce it by a whole factor where it is far too large, a few rows at a time."""
    factor = max(image.size) // READ_EDGE
    if factor < 2:
        return _flatten(image)
    reduced = Image.new("RGB", (math.ceil(image.width / factor), math.ceil(image.height / factor)))
    for top in range(0, reduced.height, _BAND):
        bottom = min(image.height, (top + _BAND) * factor)
        band = _flatten(image.crop((0, top * factor, image.width, bottom)))
        reduced.paste(band.reduce(factor), (0, top))
    return reduced


def _flatten(image: Image.Image) -> Image.Image:
    """Make an image RGB of eight bits, on white."""
    if image.mode.startswith(("I", "F")):
        sixteen_bits = np.asarray(image).astype(np.float32)
        image = Image.fromarray(np.clip(sixteen_bits / 257, 0, 255).round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
