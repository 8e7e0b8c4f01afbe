"""The drawing of a network: a pile for each layer that changes the shape, from the pixels to the ten classes.

HTML with pictures in SVG instead of a plotly figure: the layers of a deep network then wrap onto the next
line where the screen is narrow, and text takes the colour of its surroundings.
"""

from dataclasses import dataclass, field
from html import escape
from math import log2
from urllib.parse import quote

from fmnist_core.shapes import INPUT_SHAPE, LayerSummary
from fmnist_core.stacks import Layer

_COLORS = {
    "Input": "#5b6470",
    "UpSampling2D": "#5b6470",
    "ZeroPadding2D": "#5b6470",
    "RepeatChannels": "#5b6470",
    "Conv2D": "#c2562f",
    "Residual": "#a8452f",
    "Backbone": "#a8452f",
    "MaxPooling2D": "#3f7f8c",
    "AveragePooling2D": "#3f7f8c",
    "GlobalAveragePooling2D": "#3f7f8c",
    "Flatten": "#8b8680",
    "Dense": "#7a5ba8",
}
_NAMES = {
    "UpSampling2D": "enlarge",
    "ZeroPadding2D": "pad",
    "MaxPooling2D": "pool",
    "AveragePooling2D": "average pool",
    "GlobalAveragePooling2D": "average",
    "Flatten": "flatten",
    "Dense": "dense",
    "Residual": "residual",
}
_OTHER_COLOR = "#8b8680"
_WIDTH, _HEIGHT = 88, 112
_EDGE = 62  # of a map of 28 × 28, in pixels of the drawing
_TILT = 0.45  # how far a map reaches back, as a share of its edge


@dataclass
class _Pile:
    class_name: str
    shape: tuple[int, ...]
    title: str
    details: str
    tags: list[str] = field(default_factory=list)

    @property
    def edge(self) -> float:
        """Height of the maps; for a dense layer a measure of its units that grows alike with each doubling."""
        if len(self.shape) == 3:
            return _EDGE * max(self.shape[0] / INPUT_SHAPE[0], 0.07)
        return min(8 * log2(self.shape[0]), 90)

    @property
    def thickness(self) -> float:
        """How thick the pile is: a measure of the number of maps."""
        return 3 + 4.2 * log2(self.shape[2]) if len(self.shape) == 3 else 9

    @property
    def tilt(self) -> float:
        """How far the pile reaches back."""
        return _TILT * self.edge if len(self.shape) == 3 else 3


def color_of(class_name: str) -> str:
    """Return the colour in which a kind of layer is drawn."""
    return _COLORS.get(class_name, _OTHER_COLOR)


def draw_architecture(summaries: list[LayerSummary]) -> str:
    """Return HTML that draws a network's layers: as high as their maps, as thick as they are many.

    Args:
        summaries: what `architectures.summarize` returns.
    """
    piles = "".join(_draw(pile) for pile in _collect(summaries))
    return f'<div style="display:flex;flex-wrap:wrap;gap:4px 0;line-height:1.3">{piles}</div>'


def _collect(summaries: list[LayerSummary]) -> list[_Pile]:
    """Make a pile of each layer that changes the shape; the others become tags of the one before them."""
    piles = [_Pile("Input", INPUT_SHAPE, "pixels", "28 × 28 pixels, scaled to [0, 1]")]
    for summary in summaries:
        layer = summary.layer
        if layer.class_name in _COLORS:
            details = f"{layer}: {summary.parameters:,} parameters"
            piles.append(_Pile(layer.class_name, summary.output_shape, _name(layer), details, _own_tags(layer)))
        elif tag := _tag(layer):
            piles[-1].tags.append(tag)
    return piles


def _own_tags(layer: Layer) -> list[str]:
    """Return what an argument does that would else be a layer of its own, or a change that the eye may miss."""
    tags = []
    strides = layer.arguments.get("strides", 1)
    if layer.class_name in ("Conv2D", "Residual") and set(_spread(strides)) != {1}:
        tags.append(f"stride {'×'.join(str(stride) for stride in dict.fromkeys(_spread(strides)))}")
    if layer.arguments.get("dropout"):
        tags.append(_dropout_tag(layer.arguments["dropout"]))
    return tags


def _tag(layer: Layer) -> str:
    if layer.class_name == "Dropout":
        return _dropout_tag(layer.arguments["rate"])
    if layer.class_name == "Activation":
        return layer.arguments["activation"]
    return {"BatchNormalization": "batch norm", "ReLU": "relu"}.get(layer.class_name, "")


def _dropout_tag(rate: float) -> str:
    return f"dropout {rate:.0%}"


def _name(layer: Layer) -> str:
    if layer.class_name == "Conv2D":
        height, width = _spread(layer.arguments["kernel_size"])
        return f"conv {height}×{width}"
    if layer.class_name == "RepeatChannels":
        return f"{layer.arguments['times']} copies"
    if layer.class_name == "Backbone":
        return layer.arguments["network"]
    if layer.arguments.get("activation") == "softmax":
        return "softmax"
    return _NAMES[layer.class_name]


def _spread(value: int | list[int] | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _draw(pile: _Pile) -> str:
    color = _COLORS[pile.class_name]
    x = (_WIDTH - pile.thickness - pile.tilt) / 2
    right, back = x + pile.thickness, pile.tilt * 0.6
    top = (_HEIGHT - pile.edge + back) / 2
    bottom = top + pile.edge
    front = [(x, top), (right, top), (right, bottom), (x, bottom)]
    lid = [(x, top), (right, top), (right + pile.tilt, top - back), (x + pile.tilt, top - back)]
    side = [(right, top), (right + pile.tilt, top - back), (right + pile.tilt, bottom - back), (right, bottom)]
    faces = "".join(
        f'<polygon points="{_points(corners)}" fill="{color}" fill-opacity="{opacity}" stroke="{color}"/>'
        for corners, opacity in ((front, 1), (lid, 0.7), (side, 0.5))
    )
    shape = "×".join(str(extent) for extent in pile.shape)
    tags = "".join(f'<br><span style="opacity:.6;font-size:11px">{escape(tag)}</span>' for tag in pile.tags)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}">{faces}</svg>'
    return (
        f'<div style="width:{_WIDTH}px;text-align:center;font-size:12px" title="{escape(pile.details)}">'
        # An <img>, since Streamlit strips inline SVG.
        f'<img src="data:image/svg+xml,{quote(svg)}" width="{_WIDTH}" height="{_HEIGHT}" alt="{escape(pile.details)}">'
        f"<br><b>{escape(pile.title)}</b><br>{shape}{tags}</div>"
    )


def _points(corners: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
