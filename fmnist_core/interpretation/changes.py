"""Pictures changed a little, to see what a network's answer hangs on: shifted, turned, blurred, covered and so on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import InvalidSettingError

Images = NDArray[np.uint8]

SIDE = 28
NOISE_SEED = 0


@dataclass(frozen=True)
class Change:
    """A way to change pictures, more or less of it.

    Attributes:
        title: in a few words.
        low, high: the range of its strength.
        neutral: the strength that changes nothing.
        step: between two strengths that can be asked for.
        unit: of the strength, written behind it.
        strengths: those at which the accuracy of a run is measured, rising, the neutral one among them.
        function: from pictures (n, 28, 28) uint8 and a strength other than the neutral one to pictures like them.
    """

    title: str
    low: float
    high: float
    neutral: float
    step: float
    unit: str
    strengths: tuple[float, ...]
    function: Callable[[Images, float], Images]

    def __call__(self, images: Images, strength: float) -> Images:
        """Return changed copies of pictures, (n, 28, 28) uint8; of the neutral strength, equal ones.

        Raises:
            InvalidSettingError: if the strength is out of range, or `images` has another shape or type.
        """
        if not self.low <= strength <= self.high:
            raise InvalidSettingError(
                f"The strength of {self.title} must be from {self.low:g} to {self.high:g}. Received: {strength:g}."
            )
        if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
            raise InvalidSettingError(
                f"`images` must be uint8 of shape (n, 28, 28). Received: {images.dtype} of shape {images.shape}."
            )
        return images.copy() if strength == self.neutral else self.function(images, strength)

    def say(self, strength: float) -> str:
        """Return a strength with its unit."""
        return f"{strength:g}{self.unit}".replace("-", "\N{MINUS SIGN}")


def apply(images: Images, strengths: Mapping[str, float]) -> Images:
    """Return pictures (n, 28, 28) uint8 after several changes, in the order of `CHANGES`.

    Args:
        images: (n, 28, 28) uint8.
        strengths: by key of `CHANGES`; what is not named stays neutral.

    Raises:
        InvalidSettingError: for an unknown change, or a strength out of range.
    """
    unknown = [key for key in strengths if key not in CHANGES]
    if unknown:
        raise InvalidSettingError(f"A change must be one of {', '.join(CHANGES)}. Received: {unknown[0]}.")
    for key, change in CHANGES.items():
        if key in strengths:
            images = change(images, strengths[key])
    return images


def cover(images: Images, side: float, row: int = SIDE // 2, column: int = SIDE // 2) -> Images:
    """Return pictures with a black square of `side` pixels around a pixel, cut off where it sticks out."""
    covered = images.copy()
    top, left = (max(0, place - int(side) // 2) for place in (row, column))
    covered[:, top : max(0, row - int(side) // 2 + int(side)), left : max(0, column - int(side) // 2 + int(side))] = 0
    return covered


def _shift_across(images: Images, pixels: float) -> Images:
    return _shift(images, int(pixels), axis=2)


def _shift_down(images: Images, pixels: float) -> Images:
    return _shift(images, int(pixels), axis=1)


def _shift(images: Images, pixels: int, axis: int) -> Images:
    shifted = np.roll(images, pixels, axis=axis)
    lost = slice(0, pixels) if pixels > 0 else slice(pixels, None)
    np.moveaxis(shifted, axis, 0)[lost] = 0  # what the roll has brought in from the other side
    return shifted


def _rotate(images: Images, degrees: float) -> Images:
    angle = np.deg2rad(degrees)
    # From a place in the result back to where it comes from; rows go down, so that this turns clockwise.
    return _map(images, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def _scale(images: Images, factor: float) -> Images:
    return _map(images, np.eye(2) / factor)


def _map(images: Images, back: NDArray[np.float64]) -> Images:
    """Return pictures whose every pixel is looked up elsewhere, bilinearly, black outside.

    Args:
        images: (n, 28, 28) uint8.
        back: (2, 2), from (row, column) around the middle of the result to that of the picture.
    """
    middle = (SIDE - 1) / 2
    places = back @ (np.indices((SIDE, SIDE)).reshape(2, -1) - middle) + middle
    # Sums of sines leave quarter turns a hair beside the pixels.
    places = np.round(places, 9)
    corner = np.floor(places).astype(int)
    share = places - corner
    # A black frame, to which everything outside is led.
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.float32)
    found = np.zeros((len(images), SIDE * SIDE), np.float32)
    for down in (0, 1):
        for right in (0, 1):
            rows, columns = (np.clip(corner[axis] + step + 1, 0, SIDE + 1) for axis, step in ((0, down), (1, right)))
            weights = np.where(down, share[0], 1 - share[0]) * np.where(right, share[1], 1 - share[1])
            found += framed[:, rows, columns] * weights.astype(np.float32)
    return _round(found.reshape(images.shape))


def _blur(images: Images, sigma: float) -> Images:
    from scipy import ndimage

    return _round(ndimage.gaussian_filter(images.astype(np.float32), (0, sigma, sigma), mode="constant"))


def _brighten(images: Images, factor: float) -> Images:
    return _round(images * np.float32(factor))


def _contrast(images: Images, factor: float) -> Images:
    return _round((images - np.float32(127.5)) * np.float32(factor) + np.float32(127.5))


def _add_noise(images: Images, percent: float) -> Images:
    noise = np.random.default_rng(NOISE_SEED).standard_normal(images.shape, np.float32)
    return _round(images + noise * np.float32(2.55 * percent))


def _round(values: NDArray[np.floating]) -> Images:
    return np.rint(values).clip(0, 255).astype(np.uint8)


_SHIFTS = (-8, -6, -4, -2, 0, 2, 4, 6, 8)

CHANGES: Mapping[str, Change] = {
    "scale": Change("Scale", 0.5, 1.5, 1.0, 0.05, " ×", (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5), _scale),
    "rotate": Change("Rotate", -180, 180, 0, 5, "°", (-180, -90, -30, -15, 0, 15, 30, 90, 180), _rotate),
    "across": Change("Shift across", -8, 8, 0, 1, " px", _SHIFTS, _shift_across),
    "down": Change("Shift down", -8, 8, 0, 1, " px", _SHIFTS, _shift_down),
    "blur": Change("Blur", 0, 4, 0, 0.1, " px", (0, 0.5, 0.75, 1, 1.5, 2, 3, 4), _blur),
    "brightness": Change("Brightness", 0.1, 3, 1, 0.1, " ×", (0.1, 0.3, 0.5, 0.75, 1, 1.5, 2, 2.5, 3), _brighten),
    "contrast": Change("Contrast", 0, 3, 1, 0.1, " ×", (0, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3), _contrast),
    "noise": Change("Noise", 0, 60, 0, 1, "%", (0, 5, 10, 15, 20, 30, 45, 60), _add_noise),
    "patch": Change("Black patch", 0, 20, 0, 1, " px", (0, 4, 6, 8, 10, 12, 14, 16, 20), cover),
}
