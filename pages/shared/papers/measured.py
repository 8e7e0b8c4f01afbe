"""What the figures of a paper's networks have in common: whose they are, and what to say where there are none."""

import streamlit as st

from fmnist_core import runs
from fmnist_core.papers.documents import Document
from fmnist_core.recipes import Recipe


def list_recipes(document: Document) -> list[Recipe]:
    """Return the paper's recipes, the headline first."""
    return sorted(document.recipes.values(), key=lambda recipe: recipe.name != document.headline)


def say_missing(what: str) -> None:
    """Say that there is nothing to draw the figure from."""
    st.info(f"No {what} of this paper's networks have been recorded yet. Train one under Claims meanwhile.")


def link_mistakes(recipe: str) -> None:
    """Lead to the mistakes of the newest tested run of a recipe, if there is one."""
    found = [run for run in runs.list_runs().with_evaluation() if run.recipe == recipe]
    if found:
        query = {"run": found[0].run_id}
        st.page_link("analysis/mistakes.py", label="Look into its mistakes", icon="🔍", query_params=query)
