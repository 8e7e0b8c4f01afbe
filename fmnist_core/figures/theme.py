"""What all charts have in common. Colours of text and paper are left to whoever shows them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Grey that can be seen on light and dark paper, for what has no class.
NEUTRAL = "#8b8680"


def build_figure(*traces: Any, height: int = 360, **layout: Any) -> "go.Figure":
    """Return a figure with the lab's margins, a transparent background and no legend.

    Args:
        traces: plotly traces, as objects or as dicts with their `type`.
        height: in screen pixels; a fixed one, so that nothing jumps while the chart is drawn.
        layout: further settings of plotly's layout, which win over the lab's.
    """
    # Late: pages import this before they are painted. First pandas, for which plotly does not wait: where another
    # thread is in the middle of importing it, plotly would trip over its half.
    import pandas  # noqa: F401
    import plotly.graph_objects as go

    figure = go.Figure(list(traces))
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
    )
    figure.update_layout(**layout)
    return figure
