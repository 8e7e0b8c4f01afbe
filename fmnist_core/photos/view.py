"""A picture as the strategies look at it."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist_core.photos.colors import to_oklab
from fmnist_core.photos.regions import Mask, mark_border, measure_from_centre

# Colours are told apart in this many steps of lightness, and twice as many of each of the other two axes.
_BINS = 14
_SHAPE = (_BINS, 2 * _BINS, 2 * _BINS)
# How far the ratio of colour to lightness may drift in a shadow, which is often a little bluer.
_DRIFT = 0.03

Field = NDArray[np.float64]


class View:
    """A picture with all that several strategies need of it, worked out once.

    Attributes:
        rgb: picture of shape (h, w, 3), uint8.
        height: of the picture.
        width: of the picture.
    """

    def __init__(self, rgb: NDArray[np.uint8]) -> None:
        self.rgb = rgb
        self.height, self.width = rgb.shape[:2]

    @cached_property
    def colors(self) -> NDArray[np.float32]:
        """The picture in OKLab, (h, w, 3)."""
        return to_oklab(self.rgb)

    @cached_property
    def common(self) -> NDArray[np.float32]:
        """The border's commonest colour, (3)."""
        return np.asarray(np.median(self.colors[mark_border(self.height, self.width)], axis=0))

    @cached_property
    def distance(self) -> Field:
        """How far each pixel's colour is from the border's commonest, (h, w); 0.05 is the publisher's 5%."""
        return np.asarray(np.linalg.norm(self.colors - self.common, axis=-1))

    @cached_property
    def shade(self) -> Mask:
        """Which pixels could be the border's commonest colour in shadow, (h, w).

        Less light scales all three of OKLab's axes alike, so that the ratios of colour to lightness stay.
        """
        lightness = np.maximum(self.colors[..., 0], 0.05)
        own = self.common[1:] / max(self.common[0], 0.05)
        drift = np.linalg.norm(self.colors[..., 1:] / lightness[..., None] - own, axis=-1)
        darker = lightness / max(self.common[0], 0.05)
        return np.asarray((drift < _DRIFT) & (darker > 0.65) & (darker < 0.97))

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """The cell of the colour histogram that each pixel falls into, (h * w)."""
        steps = ((self.colors - [0, -0.25, -0.25]) / [1, 0.5, 0.5] * _SHAPE).astype(int)
        return np.ravel_multi_index(np.clip(steps, 0, np.array(_SHAPE) - 1).reshape(-1, 3).T, _SHAPE)

    @cached_property
    def place(self) -> Field:
        """How much each pixel's place speaks for the garment, (h, w): garments lie in the middle."""
        radius = np.hypot(*measure_from_centre(self.height, self.width))
        return np.asarray(np.clip(6 * (0.85 - radius), -3.9, 2.2))

    @cached_property
    def eight_bits(self) -> NDArray[np.uint8]:
        """The colours as OpenCV takes them, (h, w, 3), hue and saturation spread as far as lightness."""
        return np.clip(self.colors * [255, 500, 500] + [0, 128, 128], 0, 255).astype(np.uint8)

    def weigh_colors(self, garment: Field, rounds: int) -> Field:
        """Alternate between two colour histograms and each pixel's chance to belong to the garment.

        Much like GrabCut without its graph cut (Rother, Kolmogorov, Blake, SIGGRAPH 2004): histograms in the place of
        Gaussian mixtures, blurring in the place of the cut.

        Args:
            garment: the chances to start from, (h, w), 0..1.
            rounds: how often.

        Returns:
            The chances at the end, (h, w), 0..1.
        """
        for _ in range(rounds):
            evidence = np.log(self._count(garment) / self._count(1 - garment))
            evidence = np.clip(evidence.ravel()[self.cells].reshape(garment.shape), -3, 3)
            # A weak opinion on places, so that the colours decide.
            garment = 1 / (1 + np.exp(-ndimage.gaussian_filter(evidence, 1) - 0.05 * self.place))
        return garment

    def spread(self, mask: Mask, rounds: int) -> Field:
        """Return the chances of `weigh_colors` when a mask is believed at first."""
        return self.weigh_colors(ndimage.gaussian_filter(0.05 + 0.9 * mask, 1), rounds)

    def _count(self, weights: Field) -> Field:
        counts = np.bincount(self.cells, weights.ravel(), minlength=int(np.prod(_SHAPE))).reshape(_SHAPE)
        counts = ndimage.gaussian_filter(counts, 0.7) + 0.05 * weights.sum() / counts.size
        return counts / counts.sum()
