"""From what is asked to a projection that is there: at once, or after a computation that can be watched."""

import streamlit as st

from fmnist_core import jobs, layers, pending, projecting, projection_files, projections, runs
from fmnist_core.progress import say_duration
from fmnist_core.projection_config import ProjectionConfig
from pages.shared import cache

_AT_ONCE = "project at once"
# What is guessed to take less is waited for; the guess counts with a machine that has much else to do.
_QUICK_SECONDS = 6.0


def start_at_once(chosen: str) -> None:
    """See to it that these items are projected without another click."""
    st.session_state[_AT_ONCE] = chosen


def provide(config: ProjectionConfig) -> projection_files.Projection | None:
    """Return a projection that is there or quickly made; else show how to get it, or how far it is, and return None.

    Raises:
        FmnistError: if the items are too few, or a run or a list of items has gone.
    """
    if projection_files.find_projection(config.key) is None:
        n_items = len(projection_files.choose_items(config, cache.dataset().labels))
        is_quick = projections.estimate_seconds(config, n_items) <= _QUICK_SECONDS
        if config.chosen and st.session_state.pop(_AT_ONCE, None) == config.chosen and not is_quick:
            jobs.submit_projection(config)
        progress = projecting.load_progress(config.key)
        if progress is not None and progress.active:
            st.fragment(_follow, run_every=0.5)(config)
            return None
        if not is_quick:
            text = f"**{config.title}**, {n_items:,} items, has not been computed yet. It takes"
            _offer(config, text, progress)
            return None
        with st.spinner("Projecting …"):
            projecting.execute(config)
    return cache.projection(config.key)


def provide_layer(run: runs.Run) -> layers.LayerOutputs | None:
    """Return what a run's network says about all items; else show how to get it, or how far it is, and return None."""
    layer = layers.load_layer(run)
    if layer is None:
        # The first projection from the layer brings it along.
        config = projection_files.name_network(ProjectionConfig(method="pca", space="layer", run_id=run.run_id))
        progress = projecting.load_progress(config.key)
        if progress is not None and progress.active:
            st.fragment(_follow, run_every=0.5)(config)
        else:
            text = f"**{run.title}** has been asked about its test part only. To ask it about all 70,000 items takes"
            _offer(config, text, progress)
    return layer


def _offer(config: ProjectionConfig, text: str, progress: pending.Progress | None) -> None:
    if progress is not None and progress.status == pending.FAILED:
        st.error(progress.sentence)
    elif progress is not None:
        st.warning("The computation was interrupted: its worker or the server ended.")
    n_items = len(projection_files.choose_items(config, cache.dataset().labels))
    seconds = projections.estimate_seconds(config, n_items)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"{text} about {say_duration(seconds)}, and is then there for everybody.")
        st.button(
            "Compute it", type="primary", on_click=jobs.submit_projection, args=(config,), key=f"compute {config.key}"
        )


def _follow(config: ProjectionConfig) -> None:
    progress = projecting.load_progress(config.key)
    if progress is None or not progress.active:
        st.rerun()  # the whole page: the projection is there, or the reason why not
    left = "" if progress.seconds_left is None else f", about {say_duration(progress.seconds_left)} left"
    with st.container(border=True):
        text = "Cancelling" if progress.cancelling else f"{progress.sentence}{left}"
        st.progress(progress.share, text=f"**{config.title}**: {text}")
        st.button(
            "Cancel",
            on_click=projecting.cancel,
            args=(config.key,),
            disabled=progress.cancelling,
            key=f"cancel {config.key}",
        )
