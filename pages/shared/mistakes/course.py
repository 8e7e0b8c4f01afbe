"""The course of a training, as far as it shows overfitting: epoch by epoch, and item by item."""

import numpy as np
import streamlit as st

from fmnist_core import runs
from fmnist_core.dynamics import compute_summary, stamp_epochs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation.overfitting import count_fates, find_turn
from fmnist_core.figures.overfitting import plot_epoch_gap, plot_fates
from fmnist_core.validation import find_kept_epoch
from pages.shared import cache
from pages.shared.epochs import say_kept

_CONFIG = {"displayModeBar": False}


def show_course(run: runs.Run) -> None:
    """Show accuracy on training and validation items after each epoch, and from where on the network overfits."""
    st.markdown("#### Epoch by epoch")
    history = cache.tables(run).history
    if len(history) < 2:
        st.info("This run has had fewer than two epochs, so there is no course to look at.")
        return
    columns = {name: history[name].to_numpy(dtype=float) for name in history}
    turn = find_turn(columns["epoch"], {"train": columns["loss"], "validation": columns["val_loss"]})
    if turn is not None:
        st.markdown(
            f"Validation loss was lowest after **epoch {turn} of {int(columns['epoch'][-1])}**; from then on only "
            "training loss fell further. What is learned there helps with the training items alone."
        )
    elif np.isfinite(columns["val_loss"]).any():
        st.markdown("Validation loss fell as long as training loss did: it was not yet time to stop.")
    else:
        st.markdown("This run has no validation items, so only its training can be seen.")
    figure = plot_epoch_gap(columns["epoch"], columns["accuracy"], columns["val_accuracy"], find_kept_epoch(run))
    st.plotly_chart(figure, key="epoch-gap", config=_CONFIG, alt="Training and validation accuracy by epoch")
    st.caption(
        "Training accuracy is measured while the network trains: with dropout and altered pictures, if the run uses "
        "them, and with the weights of that moment. So the validation line may well lie above it."
    )


def show_fates(run: runs.Run) -> None:
    """Show how many validation items of each class were learned, forgotten, or never right."""
    st.markdown("#### Learned and forgotten")
    stamp = stamp_epochs(run)
    try:
        timeline, learning = cache.timeline(run.run_id, stamp), cache.learning(run.run_id, stamp)
    except RunNotFoundError as error:
        st.info(str(error))
        return
    summary = compute_summary(learning)
    st.markdown(
        f"Of **{summary.items:,} validation items**, **{summary.forgotten:,}** were forgotten at least once: right "
        f"after one epoch, wrong after the next. **{summary.never_right:,}** were never right; "
        f"**{summary.wrong_at_end:,}** are wrong at the end.{say_kept(timeline.epochs)}"
    )
    st.plotly_chart(
        plot_fates(count_fates(learning, timeline.labels)),
        key="fates",
        config=_CONFIG,
        alt="What became of the validation items of each class",
    )
    st.page_link(
        "models/train.py",
        label="See them in the time machine",
        icon="⏳",
        query_params={"run": run.run_id, "watch": "Time machine"},
    )
