"""The trials of a search as a table."""

import streamlit as st

from fmnist_core.progress import say_duration
from fmnist_core.search import Search, tabulate_trials
from pages.shared.search.wording import title_parameter


def show_table(found: Search) -> None:
    """Show the trials as a table, the best first, and offer it as a file."""
    table = tabulate_trials(found).sort_values("value", ascending=False)
    names = [parameter.name for parameter in found.config.parameters]
    # The epochs may be what varies.
    shown = table[list(dict.fromkeys(["number", "state", "value", *names, "epochs", "seconds"]))].copy()
    shown["number"] += 1
    shown["value"] *= 100
    shown["run"] = [f"train?run={run_id}" if run_id else None for run_id in table["run_id"]]
    columns = {
        "number": st.column_config.NumberColumn("Trial"),
        "state": st.column_config.TextColumn("State"),
        "value": st.column_config.NumberColumn("Accuracy", format="%.2f%%"),
        "epochs": st.column_config.NumberColumn("Epochs"),
        **{name: st.column_config.Column(title_parameter(name)) for name in names},
        "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
        "run": st.column_config.LinkColumn("Run", display_text="open"),
    }
    st.dataframe(shown, hide_index=True, column_config=columns, placeholder="–", key=f"table of {found.name}")
    st.download_button(
        "Download as CSV",
        table.to_csv(index=False),
        file_name=f"{found.name}.csv",
        mime="text/csv",
        on_click="ignore",
        key="trials as CSV",
    )
    trained = table["seconds"].sum()
    st.caption(f"All trials together were trained for {say_duration(trained)}.")
