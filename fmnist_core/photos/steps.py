"""The way of one picture to 28×28 pixels, stage by stage."""

from dataclasses import dataclass

import numpy as np

from fmnist_core.photos.decoding import Picture
from fmnist_core.photos.pixels import EDGE

BLANK = np.zeros((EDGE, EDGE), np.uint8)
BLANK.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Step:
    """One stage on the way.

    Attributes:
        key: which stage it is, whatever it is called: "picture", "turned", "framed", "cut-out", "unhooked",
            "straightened", "ink", "filled", "trimmed", "shrunk", "sharpened", "centred" or "item".
        name: two or three words.
        explanation: one sentence or two on what was done.
        image: the picture after this step, (h, w) or (h, w, 3) uint8.
    """

    key: str
    name: str
    explanation: str
    image: Picture


@dataclass(frozen=True)
class Chain:
    """All stages of a picture, from what came in to what the network sees.

    Attributes:
        kind: key of `settings.KINDS` other than `AUTO`, what the picture was taken for.
        steps: at least one; the last holds the network's input.
        strategy: key of the way in which the garment was found; empty where none had to be.
        reason: why it was taken for that kind, a sentence; empty for a drawing on the canvas.
    """

    kind: str
    steps: tuple[Step, ...]
    strategy: str = ""
    reason: str = ""

    @property
    def image(self) -> Picture:
        """What the network sees: (28, 28) uint8, bright garment on black."""
        return self.steps[-1].image

    @property
    def is_blank(self) -> bool:
        """Whether nothing was found that could be classified."""
        return not self.image.any()
