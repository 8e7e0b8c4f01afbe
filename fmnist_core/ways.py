"""The ways from a photograph to an answer that `bench` compares: naive ones, the lab's own, and its own less a part."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from fmnist_core import photos
from fmnist_core.answering import Answerer
from fmnist_core.errors import InvalidSettingError
from fmnist_core.photographs import Reply, Way
from fmnist_core.photos import EDGE, ChainSettings, Picture
from fmnist_core.photos.segmentation import STRATEGIES
from fmnist_core.prediction import SURE_FROM, Predictor, predict_either_way
from fmnist_core.runs import Run

OURS = "ours"
NAIVE = "naive"

Prepare = Callable[[Picture], Picture]
Ask = Callable[[Picture], Reply]


def resize_plainly(rgb: Picture) -> Picture:
    """Bring a picture to 28 × 28 grey pixels as it is, (28, 28) uint8."""
    grey = Image.fromarray(rgb).convert("L")
    return np.asarray(grey.resize((EDGE, EDGE), Image.Resampling.BILINEAR))


def resize_negated(rgb: Picture) -> Picture:
    """As `resize_plainly`, then negated."""
    return 255 - resize_plainly(rgb)


@functools.cache
def follow_chain(settings: ChainSettings) -> Prepare:
    """Return what takes a picture along the lab's own way with these settings, to (28, 28) uint8."""

    def prepare(rgb: Picture) -> Picture:
        return photos.prepare_photo(rgb, settings).image

    return prepare


def list_ways(run: Run, plain_run: Run, only: Sequence[str] | None = None) -> list[Way]:
    """Return the ways to compare; the networks are loaded, which takes seconds.

    Args:
        run: whose network answers in the lab.
        plain_run: one that was trained on the data as they are, to compare with.
        only: keys of the ways that are wanted; None for all.

    Raises:
        InvalidSettingError: for a key that no way has.
        RunNotFoundError: if a network cannot be loaded.
    """
    plain_asks = _load_asks(plain_run)
    asks = plain_asks if run.run_id == plain_run.run_id else _load_asks(run)
    ways = [*_list_plain_ways(plain_asks), *_list_own_ways(asks)]
    known = [way.key for way in ways]
    for key in only or ():
        if key not in known:
            raise InvalidSettingError(f"`ways` must be some of {', '.join(known)}. Received: {key}.")
    return [way for way in ways if only is None or way.key in only]


def _load_asks(run: Run) -> dict[str, Ask]:
    """Return how a run's network can be asked: once, about the mirror image too, and as the lab does."""
    predictor, answerer = Predictor(run.path / "model.keras"), Answerer.load(run)

    def answer(image: Picture) -> Reply:
        verdict = answerer.ask(image)
        return Reply(verdict.probabilities, verdict.abstained)

    return {
        "once": lambda image: _reply(predictor(image[np.newaxis])[0]),
        "mirrored": lambda image: _reply(predict_either_way(predictor, image)[0]),
        "answered": answer,
    }


def _reply(probabilities: np.ndarray) -> Reply:
    return Reply(probabilities, bool(probabilities.max() < SURE_FROM))


def _list_plain_ways(asks: dict[str, Ask]) -> list[Way]:
    chain = follow_chain(ChainSettings())
    return [
        Way(NAIVE, "resized as it is, plain network", resize_plainly, asks["once"]),
        Way("negated", "… and negated", resize_negated, asks["once"]),
        Way("plain-once", "the lab's chain, plain network asked once", chain, asks["once"]),
        Way("plain-mirror", "… and about the mirror image", chain, asks["mirrored"]),
        Way("plain", "… averaged over variants", chain, asks["answered"]),
    ]


def _list_own_ways(asks: dict[str, Ask]) -> list[Way]:
    chain, answered = follow_chain(ChainSettings()), asks["answered"]
    ways = [
        Way(OURS, "the lab's chain and network", chain, answered),
        Way("once", "… asked once", chain, asks["once"]),
        Way("mirror", "… and about the mirror image", chain, asks["mirrored"]),
        Way("not-cut", "… resized as it is", resize_plainly, answered),
        Way("not-cut-negated", "… resized and negated", resize_negated, answered),
        Way("not-straightened", "… not straightened", follow_chain(ChainSettings(straighten=False)), answered),
        Way("not-sharpened", "… not sharpened", follow_chain(ChainSettings(sharpen=False)), answered),
    ]
    return ways + [
        Way(f"cut-{key}", f"… always cut out by “{key}”", follow_chain(ChainSettings(strategy=key)), answered)
        for key in STRATEGIES
    ]
