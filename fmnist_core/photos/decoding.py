"""Decode the picture files that people have, by what they hold and not by their names; memory stays bounded."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fmnist_core.errors import InvalidPictureError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_PIXELS = 50_000_000
READ_EDGE = 1024

Picture = NDArray[np.uint8]

# How files begin that people take for pictures: offset, bytes, name.
_OTHER_KINDS = (
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive or office document"),
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftyp", "a video"),
)


def read_picture(content: bytes) -> Picture:
    """Decode a PNG, JPEG, WebP, GIF (first frame) or BMP file, told by its content and not by its name.

    It is turned upright as its EXIF data say, laid on white where it is transparent, brought to eight bits, and
    reduced so that its longest edge has at most `READ_EDGE` pixels.

    Args:
        content: the file's bytes.

    Returns:
        Array of shape (h, w, 3), uint8, RGB.

    Raises:
        InvalidPictureError: if it is no such file, is damaged, or has more than `MAX_PIXELS` pixels.
    """
    if not content:
        raise InvalidPictureError("A picture must have content. Received: an empty file.")
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise InvalidPictureError(_too_large("more than that")) from error
    except Exception as error:  # Pillow raises whatever its decoders raise on damaged bytes
        raise InvalidPictureError(
            f"A picture must be a PNG, JPEG, WebP, GIF or BMP file. Received: {_guess_kind(content)}."
        ) from error
    if image.width * image.height > MAX_PIXELS:
        raise InvalidPictureError(_too_large(f"{image.width:,} × {image.height:,}"))
    try:
        return np.asarray(_to_rgb(image), dtype=np.uint8)
    except Exception as error:  # see above
        raise InvalidPictureError(
            f"A picture must be whole. This {image.format} file is damaged or breaks off."
        ) from error


def _to_rgb(image: Image.Image) -> Image.Image:
    # Modes that can be averaged as they are, are reduced first: that keeps memory low and lets JPEG skip detail.
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = fit_within(image, READ_EDGE)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        sixteen_bits = np.asarray(image).astype(np.float32)
        image = Image.fromarray(np.clip(sixteen_bits / 257, 0, 255).round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return fit_within(image.convert("RGB"), READ_EDGE)


def fit_within(image: Image.Image, edge: int) -> Image.Image:
    """Reduce an image until its longest edge has at most `edge` pixels."""
    if max(image.size) > edge:
        image.thumbnail((edge, edge), Image.Resampling.BOX)
    return image


def _too_large(received: str) -> str:
    return f"A picture must have at most {MAX_PIXELS // 1_000_000} million pixels. Received: {received}."


def _guess_kind(content: bytes) -> str:
    for offset, signature, name in _OTHER_KINDS:
        if content[offset : offset + len(signature)] == signature:
            return name
    if b"<svg" in content[:1000].lower():
        return "an SVG drawing"
    return "a file of another kind, or a damaged one"
