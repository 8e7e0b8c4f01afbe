"""From any picture to the 28×28 pixels that a network takes, with every step kept."""

from fmnist_core.photos.chain import prepare_drawing, prepare_photo
from fmnist_core.photos.decoding import FORMATS, MAX_PIXELS, READ_EDGE, Picture, read_picture
from fmnist_core.photos.pixels import EDGE
from fmnist_core.photos.settings import PHOTOGRAPHS, ChainSettings
from fmnist_core.photos.sketches import INK
from fmnist_core.photos.steps import BLANK, Chain, Step

__all__ = [
    "BLANK",
    "EDGE",
    "FORMATS",
    "INK",
    "MAX_PIXELS",
    "PHOTOGRAPHS",
    "READ_EDGE",
    "Chain",
    "ChainSettings",
    "Picture",
    "Step",
    "prepare_drawing",
    "prepare_photo",
    "read_picture",
]
