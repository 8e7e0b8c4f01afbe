"""What the page Mistakes says of a run, to be taken away."""

from collections.abc import Callable

import streamlit as st

from fmnist_core import reporting, runs
from pages.shared import cache


def offer_report(run: runs.Run) -> None:
    """Show a button behind which a run's report and its tables can be downloaded."""
    with st.popover("Report"):
        st.caption("All that this page says of the run, to be kept, printed or handed in.")
        _offer("As a page", "html", "text/html", run, lambda report: reporting.write_html(report).encode())
        st.caption("One HTML file with everything in it: it opens anywhere, offline too.")
        _offer("As tables", "zip", "application/zip", run, reporting.export_tables)
        st.caption("Scores, classes, confusion matrix, every answer and every mistake, as CSV files in one zip.")


def _offer(label: str, ending: str, mime: str, run: runs.Run, write: Callable[[reporting.Report], bytes]) -> None:
    st.download_button(
        label,
        # Only a click has it written.
        data=lambda: write(reporting.load_report(run, cache.dataset())),
        file_name=f"mistakes-{run.run_id}.{ending}",
        mime=mime,
        on_click="ignore",
        width="stretch",
        key=f"report as {ending}",
    )
