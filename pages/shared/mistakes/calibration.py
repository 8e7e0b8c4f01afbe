"""Whether a network is as often right as it is sure, and what a temperature would make of it."""

import streamlit as st

from fmnist_core import runs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.evaluation.calibration import BINS, Mending, Reliability, compute_reliability, say_temperature
from fmnist_core.figures.calibration import plot_reliability
from fmnist_core.run_data import Predictions
from fmnist_core.validation import find_kept_epoch, is_from_amid_epoch
from pages.shared import cache

_CONFIG = {"displayModeBar": False}


def show_calibration(run: runs.Run, answers: Predictions) -> None:
    """Show how far a run's probabilities can be believed, before and after temperature scaling."""
    st.subheader("Can its probabilities be believed?")
    st.caption(
        "Of all items of which the network is 80% sure, it should get 80% right. Each bar holds the items of which "
        "it is about equally sure, and is as high as the share of them that it gets right; it should end at the dotted "
        "line. What is hatched is missing, or too much. Below: how many items these are, on a logarithmic scale."
    )
    try:
        mending, reason = cache.mending(run.run_id, run.tested_at), ""
    except RunNotFoundError as error:
        mending, reason = None, str(error)
    before = mending.before if mending else compute_reliability(answers.labels, answers.probabilities)
    st.markdown(_say_confidence(before, _name(run)))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**As it is**")
        _show_diagram(before, "reliability")
    with right:
        st.markdown("**With its temperature mended**")
        if mending is None:
            st.info(
                f"This cannot be mended here. {reason} A temperature must be fitted on items that were not trained on, "
                "and others must show what it is good for."
            )
        else:
            _show_diagram(mending.after, "reliability-mended")
    if mending is not None:
        _show_mending(run, mending)
    st.caption(
        f"Expected calibration error (ECE): the items are sorted into {BINS} bins of equal width by how sure the "
        "network is of its answer; in each, the distance between how sure it is on average and how often it is right; "
        "the mean over the items. The maximum calibration error is the largest of these distances, and a bin of few "
        "items makes it large by chance. Both, and temperature scaling: Guo et al., On calibration of modern neural "
        "networks (arXiv 1706.04599)."
    )


def _name(run: runs.Run) -> str:
    return "classifier" if run.config.is_baseline else "network"


def _say_confidence(found: Reliability, name: str) -> str:
    gap = found.mean_confidence - found.mean_accuracy
    verdict = (
        "so on the whole it is about as sure as it may be"
        if abs(gap) < 0.005
        else f"so it is **{'over' if gap > 0 else 'under'}-confident** by {100 * abs(gap):.1f} points"
    )
    return (
        f"On average the {name} is **{found.mean_confidence:.1%} sure** of its answer, and it is right in "
        f"**{found.mean_accuracy:.1%}**: {verdict}."
    )


def _show_diagram(found: Reliability, key: str) -> None:
    st.metric(
        "Expected calibration error",
        f"{found.expected_error:.2%}",
        delta=f"maximum {found.maximum_error:.2%}",
        delta_color="off",
        delta_arrow="off",
        width="content",
    )
    st.plotly_chart(
        plot_reliability(found), key=key, config=_CONFIG, alt="Reliability diagram: accuracy against confidence"
    )


def _show_mending(run: runs.Run, mending: Mending) -> None:
    name = _name(run)
    st.subheader(f"The {name} is {say_temperature(mending.temperature)}: T = {mending.temperature:.2f}")
    whose = name if run.config.is_baseline else f"network as it was after epoch {find_kept_epoch(run)}"
    st.markdown(
        "All the numbers from which its probabilities are made are divided by one and the same number, the "
        "temperature T: above 1 it becomes less sure, below 1 surer. It was chosen so that the truth of the "
        f"**validation items**, asked of the {whose}, is as probable as can be; the diagrams show **test items**, "
        "which had no part in it. The order of the classes does not change, so neither does any answer."
    )
    rows = [
        ("Expected calibration error", f"{mending.before.expected_error:.2%}", f"{mending.after.expected_error:.2%}"),
        ("Log loss", f"{mending.loss_before:.4f}", f"{mending.loss_after:.4f}"),
        ("How sure it is on average", f"{mending.before.mean_confidence:.2%}", f"{mending.after.mean_confidence:.2%}"),
        ("Accuracy", f"{mending.before.mean_accuracy:.2%}", f"{mending.after.mean_accuracy:.2%}"),
    ]
    lines = [f"| {title} | {before} | {after} |" for title, before, after in rows]
    st.markdown("\n".join(["| On the test items | As it is | Mended |", "|:--|--:|--:|", *lines]))
    if mending.after.expected_error > mending.before.expected_error:
        st.info(
            "Here the temperature, which was chosen for the log loss of the validation items, makes the expected "
            "calibration error larger. One number cannot mend everything: probabilities of 0, for example, with which "
            f"a {name} rules classes out, cost much log loss wherever they are wrong."
        )
    if is_from_amid_epoch(run):
        st.caption(
            "This run was stopped, perhaps some batches after its last whole epoch, whose answers for the validation "
            "items are used here: they may come from slightly other weights than the test items'."
        )
