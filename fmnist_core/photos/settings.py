"""What of the way from a picture to an item can be overruled."""

from dataclasses import dataclass

from fmnist_core.errors import InvalidSettingError
from fmnist_core.settings import Settings, check_choice, check_real, is_number

AUTO = "auto"
# What each choice is called, by key.
KINDS = {
    AUTO: "Recognised by itself",
    "catalogue": "Photograph on a plain background",
    "photo": "Photograph on a bed or a floor",
    "hanger": "Photograph on a hanger",
    "drawing": "Drawing",
    "item": "Ready item",
}
# Those that a camera has made.
PHOTOGRAPHS = ("catalogue", "photo", "hanger")
NEGATE = {AUTO: "Where it has to be", "yes": "Always", "no": "Never"}


@dataclass(frozen=True)
class ChainSettings(Settings):
    """The settings of `prepare_photo`; the defaults leave everything to the chain's own judgement.

    Attributes:
        kind: key of `KINDS`, what the picture is taken for.
        strategy: key of `segmentation.STRATEGIES`, how the garment is found, or `AUTO` for the best.
        threshold: what counts as garment: above 0 less than by itself, below 0 more, -1 to 1.
        box: left, top, right and bottom of where the garment is, as shares of the picture; None for all of it.
        straighten: whether a tilted garment is set upright.
        rotate: degrees by which the picture is turned clockwise first, -180 to 180.
        sharpen: whether the small picture is sharpened, as the publisher did.
        negate: key of `NEGATE`.
        brightness: makes the garment brighter, above 0, or darker, below 0, -1 to 1.

    Raises:
        InvalidSettingError: for the first setting that breaks its rule.
    """

    kind: str = AUTO
    strategy: str = AUTO
    threshold: float = 0.0
    box: tuple[float, float, float, float] | None = None
    straighten: bool = True
    rotate: float = 0.0
    sharpen: bool = True
    negate: str = AUTO
    brightness: float = 0.0

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)
        check_choice("negate", self.negate, NEGATE)
        check_real("threshold", self.threshold, -1, 1)
        check_real("rotate", self.rotate, -180, 180)
        check_real("brightness", self.brightness, -1, 1)
        for name in ("straighten", "sharpen"):
            if not isinstance(getattr(self, name), bool):
                raise InvalidSettingError(f"`{name}` must be true or false. Received: {getattr(self, name)}.")
        if self.box is not None:
            # JSON and links bring a list.
            if not isinstance(self.box, (list, tuple)) or len(self.box) != 4 or not all(map(is_number, self.box)):
                raise InvalidSettingError(f"`box` must be four shares of the picture. Received: {self.box}.")
            object.__setattr__(self, "box", tuple(self.box))
            left, top, right, bottom = self.box
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise InvalidSettingError(
                    "`box` must be left, top, right and bottom as shares of the picture, in that order. "
                    f"Received: {self.box}."
                )
