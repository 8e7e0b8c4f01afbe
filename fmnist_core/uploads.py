"""Picture files that were handed in: read one by one, reduced, kept, and never in each other's way."""

import base64
import hashlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from fmnist_core.errors import InvalidPictureError
from fmnist_core.photos import Picture, read_picture
from fmnist_core.photos.decoding import fit_within

# More than the way to 28 × 28 pixels looks at and a page shows; two hundred of them fit into 160 MB.
KEPT_EDGE = 512
MAX_UPLOADS = 200
THUMBNAIL_EDGE = 96


@dataclass(frozen=True, eq=False)
class Upload:
    """A file that was handed in.

    Attributes:
        name: the file's name, shown and never trusted.
        digest: tells its content from all others.
        picture: (h, w, 3) uint8 with at most `KEPT_EDGE` pixels on its longest edge; None if it could not be read.
        problem: why it could not be read, one sentence; else empty.
        thumbnail: a data: address of the picture, or empty.
    """

    name: str
    digest: str
    picture: Picture | None
    problem: str = ""
    thumbnail: str = ""


def read_upload(name: str, content: bytes) -> Upload:
    """Read a file, whatever it holds; one that is no picture becomes an upload that says why."""
    digest = compute_digest(content)
    try:
        picture = read_picture(content)
    except InvalidPictureError as error:
        return Upload(name, digest, None, str(error))
    kept = np.asarray(fit_within(Image.fromarray(picture), KEPT_EDGE))
    return Upload(name, digest, kept, thumbnail=encode_thumbnail(kept))


def compute_digest(content: bytes) -> str:
    """Return what tells a file's content from all others."""
    return hashlib.sha256(content).hexdigest()


def encode_thumbnail(picture: Picture, edge: int = THUMBNAIL_EDGE) -> str:
    """Return a picture, reduced to `edge` pixels, as a data: address of about 2 kB.

    Args:
        picture: (h, w) or (h, w, 3) uint8.
        edge: pixels of the longest edge; a smaller picture stays as it is.
    """
    small = fit_within(Image.fromarray(picture), edge)
    # A picture of few pixels keeps each of them; of a photograph's, nobody misses the last bit.
    if max(small.size) < THUMBNAIL_EDGE:
        return _to_data_url("png", encode_png(np.asarray(small)))
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return _to_data_url("jpeg", buffer.getvalue())


def crop_to_square(picture: Picture) -> Picture:
    """Return the middle of a picture, (h, w) or (h, w, 3), as large a square as fits."""
    height, width = picture.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    return picture[top : top + edge, left : left + edge]


def encode_png(picture: Picture) -> bytes:
    """Return a picture, (h, w) or (h, w, 3) uint8, as a PNG file."""
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _to_data_url(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
