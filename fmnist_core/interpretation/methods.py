"""The ways to ask a network why it answers as it does: what each is called, does and cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass

from fmnist_core.errors import InvalidSettingError


@dataclass(frozen=True)
class Method:
    """A way to tell which pixels a class's logit hangs on.

    All ask about the logit, the value before the softmax: a probability near one hardly moves, whatever the pixels
    do, and rises also because another class falls.

    Attributes:
        title: what it is called on the page.
        explanation: what it does, in a sentence.
        caveat: what its pictures do not say, in a sentence.
        source: the paper.
        needs_maps: whether it asks a layer that makes maps; the others ask the pixels.
        signed: whether its values below zero mean something: that a pixel speaks against the class.
    """

    title: str
    explanation: str
    caveat: str
    source: str
    needs_maps: bool = False
    signed: bool = False


METHODS: Mapping[str, Method] = {
    "grad-cam": Method(
        "Grad-CAM",
        "The maps of one layer, each weighted by how much the class's score gains on average when it grows.",
        "It is as coarse as the layer's maps and says where, not what; what speaks against the class is left out.",
        "Selvaraju and others, 2017",
        needs_maps=True,
    ),
    "grad-cam++": Method(
        "Grad-CAM++",
        "Like Grad-CAM, but within a map the places that raise the score most count most.",
        "As coarse as Grad-CAM, and its weights cannot be negative: it shows more, also of what other classes share.",
        "Chattopadhay and others, 2018",
        needs_maps=True,
    ),
    "saliency": Method(
        "Gradient",
        "How much the class's score would move if a pixel changed a little, up or down.",
        "Noisy, and true only for the smallest change: it says what the network is sensitive to, not what it used.",
        "Simonyan and others, 2014",
    ),
    "smooth-grad": Method(
        "SmoothGrad",
        "The mean gradient over 32 copies of the item with noise on them, which calms it.",
        "Smoother is not truer: what vanishes may have been the network's own raggedness, not noise.",
        "Smilkov and others, 2017",
    ),
    "integrated-gradients": Method(
        "Integrated gradients",
        "Gradients summed on the way from a black picture to the item: together they make up the whole change of "
        "the class's score.",
        "It explains the difference to black, so pixels that are black get nothing, though a gap may be what counts.",
        "Sundararajan and others, 2017",
        signed=True,
    ),
    "occlusion": Method(
        "Occlusion",
        "How much the class's score falls when a black square of 4 × 4 pixels hides that place.",
        "Slow but direct; a black square makes edges that no garment has, and misses what two places say together.",
        "Zeiler and Fergus, 2014",
        signed=True,
    ),
}


def find_method(name: str) -> Method:
    """Return the method of a key of `METHODS`.

    Raises:
        InvalidSettingError: for an unknown key.
    """
    if name not in METHODS:
        raise InvalidSettingError(f"`method` must be one of {', '.join(METHODS)}. Received: {name}.")
    return METHODS[name]
