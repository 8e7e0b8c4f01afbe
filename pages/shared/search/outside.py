"""How to open a search with other tools."""

import os

import streamlit as st

from fmnist_core import search


def show_outside(name: str) -> None:
    """Show how to open a search in optuna-dashboard and in a notebook."""
    with st.expander("Open it elsewhere: optuna-dashboard, a notebook"):
        st.markdown(
            "All searches lie in Optuna's own storage, so that its **dashboard** opens them, also while they run:"
        )
        st.code(f"pip install optuna-dashboard\noptuna-dashboard {_write_url()}", language="bash")
        st.markdown("In a **notebook**, with the lab's core:")
        st.code(
            "from fmnist_core import search\n\n"
            f'found = search.load_search("{name}")\n'
            'search.tabulate_trials(found).sort_values("value", ascending=False)\n'
            "search.best_config(found)  # ready for fmnist_core.jobs.submit",
            language="python",
        )
        st.markdown("Or with Optuna alone:")
        st.code(
            f'import optuna\n\nstudy = optuna.load_study(study_name="{name}", storage={_quote_url()})\n'
            "study.best_params",
            language="python",
        )


def _write_url() -> str:
    # The address of another database may hold a password, and this page be on a projector.
    return '"$FMNIST_STORAGE"' if os.environ.get("FMNIST_STORAGE") else f'"{search.find_url()}"'


def _quote_url() -> str:
    if os.environ.get("FMNIST_STORAGE"):
        return 'os.environ["FMNIST_STORAGE"]'
    return f'"{search.find_url()}"'
