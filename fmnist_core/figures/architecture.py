"""The drawing of a network: a box for each layer that changes the shape, from the pixels to the ten classes."""

from dataclasses import dataclass
from math import log2

import plotly.graph_objects as go

from fmnist_core.architectures import INPUT_SHAPE, Layer, LayerSummary
from fmnist_core.figures.theme import NEUTRAL, build_figure

_COLORS = {
    "Input": "#4d5560",
    "Conv2D": "#c2562f",
    "MaxPooling2D": "#3f7f8c",
    "Flatten": "#8b8680",
    "Dense": "#7a5ba8",
}
_NAMES = {"MaxPooling2D": "pool", "Conv2D": "conv", "Dense": "dense", "Flatten": "flatten", "Input": "pixels"}


@dataclass
class _Box:
    class_name: str
    shape: tuple[int, ...]
    text: str
    details: str
    tags: list[str]

    @property
    def height(self) -> float:
        """Edge of the maps; for a dense layer a measure of its units, of which 10 to 1,000 grow alike each doubling."""
        if len(self.shape) == 3:
            return max(self.shape[0] / INPUT_SHAPE[0], 0.06)
        return min(0.1 * log2(self.shape[0]), 1.1)

    @property
    def thickness(self) -> float:
        """How thick the pile of maps is."""
        return 0.04 + 0.05 * log2(self.shape[2]) if len(self.shape) == 3 else 0.12

    @property
    def slant(self) -> float:
        """How far the maps reach back."""
        return 0.32 * self.height if len(self.shape) == 3 else 0.06


def plot_architecture(summaries: list[LayerSummary]) -> go.Figure:
    """Draw a network's layers as boxes: as high as their maps, as deep as they are many.

    Args:
        summaries: what `architectures.summarize` returns.
    """
    figure = build_figure(height=300, margin={"l": 4, "r": 4, "t": 4, "b": 4})
    x = 0.0
    for box in _collect(summaries):
        width = box.thickness + box.slant
        column = max(width + 0.2, 0.85)
        _draw(figure, box, x + (column - width) / 2)
        label = {"x": x + column / 2, "showarrow": False, "yanchor": "top"}
        figure.add_annotation(y=-0.14, text=box.text, font_size=12, **label)
        if box.tags:
            figure.add_annotation(y=-0.5, text="<br>".join(box.tags), font={"size": 11, "color": NEUTRAL}, **label)
        x += column
    figure.update_xaxes(visible=False, range=[0, x], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-1.0, 1.45], fixedrange=True)
    return figure


def _collect(summaries: list[LayerSummary]) -> list[_Box]:
    """Make a box of each layer that changes the shape; the others become tags of the box before them."""
    boxes = [_Box("Input", INPUT_SHAPE, "pixels<br>28×28", "28×28 pixels, scaled to [0, 1]", [])]
    for summary in summaries:
        layer = summary.layer
        if layer.class_name in _NAMES:
            shape = "×".join(str(extent) for extent in summary.output_shape)
            details = f"{layer}<br>gives {shape}, {summary.parameters:,} parameters"
            boxes.append(_Box(layer.class_name, summary.output_shape, f"{_name(layer)}<br>{shape}", details, []))
        elif layer.class_name == "Dropout":
            boxes[-1].tags.append(f"dropout {layer.arguments['rate']:.0%}")
        elif layer.class_name == "BatchNormalization":
            boxes[-1].tags.append("batch norm")
    return boxes


def _name(layer: Layer) -> str:
    if layer.class_name == "Conv2D":
        kernel = layer.arguments["kernel_size"]
        return f"conv {kernel}×{kernel}"
    if layer.arguments.get("activation") == "softmax":
        return "softmax"
    return _NAMES[layer.class_name]


def _draw(figure: go.Figure, box: _Box, x: float) -> None:
    color = _COLORS[box.class_name]
    slant, right = box.slant, x + box.thickness
    bottom, top = 0.5 - box.height / 2 - slant / 3, 0.5 + box.height / 2 - slant / 3
    front = [(x, bottom), (right, bottom), (right, top), (x, top)]
    side = [(right, bottom), (right + slant, bottom + slant), (right + slant, top + slant), (right, top)]
    lid = [(x, top), (right, top), (right + slant, top + slant), (x + slant, top + slant)]
    for corners, opacity in ((front, 0.95), (side, 0.55), (lid, 0.75)):
        xs, ys = zip(*corners, corners[0], strict=True)
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines",
            fill="toself",
            fillcolor=color,
            opacity=opacity,
            line={"color": color, "width": 1},
            hoveron="fills",
            hoverinfo="text",
            text=box.details,
        )
