"""The pictures of a report, drawn as SVG that stands in the page itself."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.evaluation.calibration import Reliability
from fmnist_core.evaluation.thresholds import ClassCurves

_SIDE, _LEFT, _BOTTOM = 240, 44, 40
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_INK, _FRAME, _BLUE, _ORANGE = "#3a332e", "#cfc6bd", "#2f70b0", "#cd541c"


def draw_reliability(reliability: Reliability) -> str:
    """Draw for each bin of confidence how often the network was right in it, with the interval, as SVG."""
    width = 1 / len(reliability.counts)
    bars = []
    for place in np.flatnonzero(reliability.counts):
        left, accuracy = reliability.edges[place], reliability.accuracy[place]
        middle = _x(left + width / 2)
        title = f"{reliability.counts[place]:,} items, {reliability.confidence[place]:.1%} sure, {accuracy:.1%} right"
        bars.append(
            f'<g><title>{title}</title><rect x="{_x(left) + 1:.1f}" y="{_y(accuracy):.1f}" '
            f'width="{width * _SIDE - 2:.1f}" height="{accuracy * _SIDE:.1f}" fill="{_BLUE}" fill-opacity="0.75"/>'
            f'<path d="M{middle:.1f} {_y(reliability.low[place]):.1f}V{_y(reliability.high[place]):.1f}" '
            f'stroke="{_INK}" stroke-width="1.2"/></g>'
        )
    diagonal = f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="{_INK}" stroke-dasharray="4 3"/>'
    return _frame([*bars, diagonal], "confidence", "share of right answers", "How often right when so sure")


def draw_curves(curves: ClassCurves, across: str, up: str, name: str) -> str:
    """Draw a curve for each class in its colour, and the mean of them in black, as SVG."""
    lines = [
        _draw_line(curve.x, curve.y, CLASS_COLORS[index], 1.3, f"{CLASS_NAMES[index]}: {curve.area:.4f}")
        for index, curve in curves.by_class.items()
    ]
    macro = curves.macro
    return _frame([*lines, _draw_line(macro.x, macro.y, "#000000", 1.6, f"Mean: {macro.area:.4f}")], across, up, name)


def draw_bars(probabilities: NDArray[np.floating], label: int) -> str:
    """Draw ten probabilities as small bars, the true class in blue and a wrong answer in orange, as SVG."""
    predicted = int(probabilities.argmax())
    bars = []
    for index, (name, share) in enumerate(zip(CLASS_NAMES, probabilities, strict=True)):
        color = _BLUE if index == label else _ORANGE if index == predicted else "#9a918a"
        bars.append(
            f'<rect x="0" y="{8 * index + 1}" width="{max(88 * share, 0.8):.1f}" height="6" fill="{color}">'
            f"<title>{name}: {share:.1%}</title></rect>"
        )
    return f'<svg class="bars" viewBox="0 0 88 80" role="img" aria-label="Probabilities">{"".join(bars)}</svg>'


def _draw_line(x: NDArray, y: NDArray, color: str, width: float, title: str) -> str:
    points = " ".join(f"{_x(across):.1f},{_y(up):.1f}" for across, up in zip(x, y, strict=True))
    line = f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}">'
    return f"{line}<title>{title}</title></polyline>"


def _frame(parts: Iterable[str], across: str, up: str, name: str) -> str:
    width, height = _LEFT + _SIDE + 12, _SIDE + _BOTTOM + 12
    axes = f'<rect x="{_LEFT}" y="12" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="{_FRAME}"/>'
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{name}">{axes}'
        f"{''.join(parts)}{''.join(_draw_ticks(_TICKS))}"
        f'<text x="{_x(0.5)}" y="{height - 6}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(11 {_y(0.5)}) rotate(-90)" text-anchor="middle">{up}</text></svg>'
    )


def _draw_ticks(values: Sequence[float]) -> list[str]:
    below = [f'<text x="{_x(value)}" y="{_y(0) + 15}" text-anchor="middle">{value:g}</text>' for value in values]
    beside = [f'<text x="{_LEFT - 6}" y="{_y(value) + 4}" text-anchor="end">{value:g}</text>' for value in values]
    return below + beside


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return 12 + _SIDE * (1 - share)
