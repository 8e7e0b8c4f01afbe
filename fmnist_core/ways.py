"""The ways from a photograph to an answer that `bench` compares: naive ones, the lab's own, and its own less a part."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from fmnist_core import photos
from fmnist_core.answering import WARDROBE, Answerer
from fmnist_core.errors import InvalidSettingError
from fmnist_core.photographs import Reply, Way
from fmnist_core.photos import EDGE, ChainSettings, Picture
from fmnist_core.photos.segmentation import STRATEGIES
from fmnist_core.prediction import SURE_FROM, Predictor, predict_either_way
from fmnist_core.runs import Run

OURS = "ours"
NAIVE = "naive"

Prepare = Callable[[Picture], Picture]


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


class Network:
    """A run's network and the ways to ask it, each loaded when it is first used."""

    def __init__(self, run: Run) -> None:
        """Take the run, which must have ended with a network."""
        self._run = run

    def once(self, image: Picture) -> Reply:
        """Ask about the picture alone."""
        return _reply(self._predictor(image[np.newaxis])[0])

    def mirrored(self, image: Picture) -> Reply:
        """Ask about the picture and its mirror image, and believe the surer answer."""
        return _reply(predict_either_way(self._predictor, image)[0])

    def averaged(self, image: Picture) -> Reply:
        """Ask about variants of the picture, and average what is said."""
        return _reply(self._bare.observe(image[np.newaxis], [True]).probabilities[0])

    def answered(self, image: Picture) -> Reply:
        """Ask as the lab does: as `averaged`, calibrated, by what is photographed, abstaining when it knows better."""
        verdict = self._answerer.ask(image, photographed=True)
        return Reply(verdict.probabilities, verdict.abstained)

    def unweighted(self, image: Picture) -> Reply:
        """Ask as `answered`, but as if all classes were photographed equally often."""
        verdict = self._answerer.ask(image, photographed=True)
        probabilities = verdict.probabilities / WARDROBE
        probabilities /= probabilities.sum()
        return Reply(probabilities, verdict.is_strange or _reply(probabilities).abstained)

    @functools.cached_property
    def _predictor(self) -> Predictor:
        return Predictor(self._run.path / "model.keras")

    @functools.cached_property
    def _answerer(self) -> Answerer:
        return Answerer.load(self._run)

    @functools.cached_property
    def _bare(self) -> Answerer:
        from fmnist_core.layers import load_network

        return Answerer(load_network(self._run))


def _reply(probabilities: np.ndarray) -> Reply:
    return Reply(probabilities, bool(probabilities.max() < SURE_FROM))


def list_ways(run: Run, plain_run: Run, only: Sequence[str] | None = None) -> list[Way]:
    """Return the ways to compare.

    Args:
        run: whose network answers in the lab.
        plain_run: one that was trained on the data as they are, to compare with.
        only: keys of the ways that are wanted; None for all.

    Raises:
        InvalidSettingError: for a key that no way has.
    """
    plain = Network(plain_run)
    own = plain if run.run_id == plain_run.run_id else Network(run)
    ways = [*_list_plain_ways(plain), *_list_own_ways(own)]
    known = [way.key for way in ways]
    for key in only or ():
        if key not in known:
            raise InvalidSettingError(f"`ways` must be some of {', '.join(known)}. Received: {key}.")
    return [way for way in ways if only is None or way.key in only]


def _list_plain_ways(network: Network) -> list[Way]:
    chain = follow_chain(ChainSettings())
    return [
        Way(NAIVE, "resized as it is, plain network", resize_plainly, network.once),
        Way("negated", "… and negated", resize_negated, network.once),
        Way("plain-once", "the lab's chain, plain network asked once", chain, network.once),
        Way("plain-mirror", "… and about the mirror image", chain, network.mirrored),
        Way("plain-averaged", "… averaged over variants", chain, network.averaged),
        Way("plain-unweighted", "… and calibrated", chain, network.unweighted),
        Way("plain", "… and weighted by what is photographed", chain, network.answered),
    ]


def _list_own_ways(network: Network) -> list[Way]:
    def change(**settings: Any) -> Prepare:
        return follow_chain(ChainSettings(**settings))

    ways = [
        Way(OURS, "the lab's chain and network", change(), network.answered),
        Way("once", "… asked once", change(), network.once),
        Way("mirror", "… and about the mirror image", change(), network.mirrored),
        Way("averaged", "… averaged over variants, not calibrated", change(), network.averaged),
        Way("unweighted", "… calibrated, all classes alike", change(), network.unweighted),
        Way("not-cut", "… resized as it is", resize_plainly, network.answered),
        Way("not-cut-negated", "… resized and negated", resize_negated, network.answered),
        Way("not-straightened", "… not straightened", change(straighten=False), network.answered),
        Way("not-sharpened", "… not sharpened", change(sharpen=False), network.answered),
        Way("kind-photo", "… always taken for a photograph", change(kind="photo"), network.answered),
    ]
    return ways + [
        Way(f"cut-{key}", f"… always cut out by “{key}”", change(strategy=key), network.answered) for key in STRATEGIES
    ]
