"""Inside a training: its layers, its learning rate, its speed and its memory, epoch by epoch."""

import streamlit as st

from fmnist_core import runs
from fmnist_core.curves import frame_norms
from fmnist_core.figures.layers import plot_by_epoch, plot_layers, plot_rate
from fmnist_core.schedules import sample_rates
from pages.shared import cache, widgets

_NO_BAR = {"displayModeBar": False}
_FIGURES = {"gradient_norm": "Gradient", "change": "Change", "weight_norm": "Weights"}
_EXPLANATIONS = {
    "gradient_norm": "How hard the loss pulls at each layer: the length of its gradient on 128 training items. Layers "
    "of one height learn together. If the first layers lie many times below the last ones, the gradient **vanishes** "
    "on its way back; if a line shoots up, it **explodes**; a line at the very bottom is a **dead** layer.",
    "change": "How far each epoch moved the weights of each layer, as a part of their length. Near 1 it turns them "
    "over; about 0.01 to 0.1 is calm learning; far below 0.001 the layer stands **still**, whatever the others do.",
    "weight_norm": "The length of each layer's weights. Slow growth is usual; a line that bends upwards more and more "
    "**diverges**, and weight decay holds it down.",
}


def show_inside(run: runs.Run) -> None:
    """Show what happens inside a training; while it is active this follows it."""
    if run.config.is_baseline:
        st.info("A classical classifier has no layers and no learning rate: there is nothing inside to look at.")
        return
    if run.config.is_baseline:
        st.info("A classical classifier has no layers to look into.")
        return
    st.fragment(_follow, run_every=2.0 if run.active else None)(run.run_id, run.active)


def _follow(run_id: str, was_active: bool) -> None:
    run = runs.load_run(run_id)
    if was_active != run.active:
        st.rerun()
    chosen = widgets.select(
        "Of each layer", _FIGURES, key="of", widget=st.segmented_control, label_visibility="collapsed", required=True
    )
    layers = cache.layers_of(run)
    epochs = run.config.epochs if run.active else max(len(cache.tables(run).history), 1)
    if layers.empty:
        waits = run.active and "Each layer is looked at when an epoch ends; the first has not ended yet."
        st.info(waits or "Nothing is known about the layers of this run: it was trained before they were recorded.")
    else:
        figure = plot_layers(layers, chosen, epochs, frame_norms(layers[chosen].to_numpy()))
        st.plotly_chart(figure, key=f"layers-{chosen}", config=_NO_BAR)
        st.caption(
            f"{_EXPLANATIONS[chosen]} Violet is the first layer, amber the last; the scale is logarithmic.",
        )
    _show_epochs(run, epochs)


def _show_epochs(run: runs.Run, epochs: int) -> None:
    tables, config = cache.tables(run), run.config
    history = tables.history
    done = history["epoch"].to_numpy()
    rate, speed, memory = st.columns(3)
    with rate:
        st.markdown("**Learning rate**")
        foreseen = None if config.reduce_on_plateau else sample_rates(config, tables.steps, 200)
        figure = plot_rate(done, history["learning_rate"].to_numpy(), epochs, foreseen)
        st.plotly_chart(figure, key="rate", config=_NO_BAR)
    with speed:
        st.markdown("**Images a second**")
        figure = plot_by_epoch(done, history["images_per_second"].to_numpy(), epochs)
        st.plotly_chart(figure, key="speed", config=_NO_BAR)
    with memory:
        on_device = history["device_memory"].notna().any()
        st.markdown("**Memory of the GPU, MB**" if on_device else "**Memory, MB**")
        used = history["device_memory" if on_device else "memory"]
        if used.notna().any():
            st.plotly_chart(plot_by_epoch(done, used.to_numpy(), epochs), key="memory", config=_NO_BAR)
        else:
            st.caption("Not measured yet." if run.active else "Not measured in this run.")
