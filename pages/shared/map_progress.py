"""From what is asked to a projection that is there: at once, or after a computation that can be watched."""

from functools import partial

import streamlit as st

from fmnist_core import jobs, layers, pending, projecting, projection_files, projections, runs
from fmnist_core.projection_config import ProjectionConfig
from pages.shared import cache, waiting

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
            _follow(config)
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
            _follow(config)
        else:
            text = f"**{run.title}** has been asked about its test part only. To ask it about all 70,000 items takes"
            _offer(config, text, progress)
    return layer


def _offer(config: ProjectionConfig, text: str, progress: pending.Progress | None) -> None:
    n_items = len(projection_files.choose_items(config, cache.dataset().labels))
    seconds = projections.estimate_seconds(config, n_items)
    waiting.offer(text, seconds, progress, partial(jobs.submit_projection, config), key=config.key)


def _follow(config: ProjectionConfig) -> None:
    waiting.follow(projecting.find_pending(config.key), config.title, partial(projecting.cancel, config.key))
