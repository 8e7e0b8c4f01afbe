"""What if the item were shifted, turned, blurred or painted on: the answer follows each move."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import prediction, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.attribution import lay_over, paint_attribution
from fmnist_core.figures.surgery import plot_before_and_after
from fmnist_core.interpretation.changes import CHANGES, Change, apply
from fmnist_core.interpretation.methods import METHODS
from pages.shared import cache, canvas, pictures, widgets
from pages.shared.inside import robust
from pages.shared.inside.subject import Subject

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe

_CANVAS = "what if drawing"
# Those that answer at once.
_METHODS = ("grad-cam", "saliency", "smooth-grad", "integrated-gradients")
_SMALLEST_MAP = 5


@st.fragment
def show_what_if(run: runs.Run, probe: "Probe", asked: Subject) -> None:
    """Show the item changed as the sliders say, what the network answers, and how it stands such changes."""
    st.caption(
        "Change the item, and see the answer follow. Turn a shoe upside down, or move a dress by four pixels: how much "
        "does it take until the network errs? Below, the same question about thousands of items."
    )
    # The answer first, so that it is in sight on a phone while the first sliders are moved.
    results, moves = st.columns([6, 5], gap="large")
    with moves:
        strengths = _show_sliders()
        method = _choose_method(probe)
        start = _paint(asked)
    changed = apply(start[np.newaxis], strengths)[0]
    with results:
        _show_results(run, probe, asked, changed, method)
    robust.show_robustness(run, strengths)


def _key(name: str) -> str:
    return f"if-{name}"


def _show_sliders() -> dict[str, float]:
    columns = st.columns(2, gap="medium")
    strengths = {}
    for place, (name, change) in enumerate(CHANGES.items()):
        strengths[name] = columns[place % 2].slider(
            f"{change.title} ({change.unit.strip()})",
            *_as_asked(change, change.low, change.high, change.neutral, change.step),
            format="%g",
            key=_key(name),
            bind="query-params",
        )
    with columns[len(CHANGES) % 2]:
        moved = any(strengths[name] != change.neutral for name, change in CHANGES.items())
        st.button("As it was", on_click=_reset, disabled=not moved, key="as it was", width="stretch")
    return strengths


def _as_asked(change: Change, *values: float) -> tuple[float, ...]:
    """Return numbers as a slider wants them: whole ones where only whole strengths can be asked for."""
    return tuple(int(value) if float(change.step).is_integer() else float(value) for value in values)


def _reset() -> None:
    for name, change in CHANGES.items():
        st.session_state[_key(name)] = _as_asked(change, change.neutral)[0]


def _paint(asked: Subject) -> NDArray[np.uint8]:
    """Return the item, painted on if the user wants to: (28, 28) uint8."""
    if not st.toggle("Paint on it", key="if-paint", help="Add to the item or rub out parts of it"):
        st.session_state.pop(_CANVAS, None)
        return asked.image
    if st.session_state.get("painted on") != asked.image.tobytes():
        st.session_state["painted on"] = asked.image.tobytes()
        canvas.put_on_canvas(_CANVAS, asked.image)
    sheet = canvas.canvas(_CANVAS)
    side = len(asked.image)
    return np.rint(sheet.reshape(side, -1, side, sheet.shape[1] // side).mean(axis=(1, 3))).astype(np.uint8)


def _show_results(run: runs.Run, probe: "Probe", asked: Subject, changed: NDArray[np.uint8], method: str) -> None:
    probabilities = cache.predictor(run.run_id, run.tested_at)(changed[np.newaxis])[0]
    st.markdown(_say(asked, probabilities))
    seen, bars = st.columns([2, 5], gap="medium")
    with seen:
        pictures.show_picture(changed, "The item changed")
        st.caption("The item changed")
        _show_heat(run, probe, changed, int(probabilities.argmax()), method)
    with bars:
        st.plotly_chart(
            plot_before_and_after(asked.probabilities, probabilities, height=380, marked=asked.label),
            key="if-bars",
            config={"displayModeBar": False},
            alt="Probabilities of the ten classes, before and after the changes",
        )
        st.caption("Empty bars: the item as it is. Filled ones: changed.")


def _choose_method(probe: "Probe") -> str:
    titles = {name: METHODS[name].title for name in _METHODS if _find_maps(probe) or not METHODS[name].needs_maps}
    return widgets.select("Heat map", titles, key="if-heat")


def _find_maps(probe: "Probe") -> str | None:
    """Return the last layer whose maps are large enough to point at something."""
    found = [layer.name for layer in probe.layers if layer.has_maps and min(layer.shape[:2]) >= _SMALLEST_MAP]
    return found[-1] if found else None


def _show_heat(run: runs.Run, probe: "Probe", changed: NDArray[np.uint8], class_index: int, method: str) -> None:
    layer = _find_maps(probe) if METHODS[method].needs_maps else None
    found = cache.attribution(run.run_id, run.tested_at, method, changed, class_index, layer)
    painted = paint_attribution(found.values[0], found.heatmaps[0], METHODS[method].signed)
    pictures.show_picture(lay_over(changed, painted), f"What speaks for {CLASS_NAMES[class_index]}")
    st.caption(f"What speaks for {CLASS_NAMES[class_index]}")


def _say(asked: Subject, probabilities: NDArray[np.float32]) -> str:
    answer = prediction.read_answer(probabilities)
    was, now = CLASS_NAMES[asked.predicted], answer.class_name
    before, after = map(prediction.say_share, (float(asked.probabilities.max()), answer.confidence))
    if was == now:
        return f"##### Still {now}, {before} → {after}"
    return f"##### {was}, {before}, becomes {now}, {after}"
