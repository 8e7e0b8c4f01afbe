"""What in a paper cannot be true, what hardly is, and what was checked and holds."""

from collections import Counter

import streamlit as st

from fmnist_core.papers.documents import Document
from fmnist_core.papers.findings import HOLDS, KINDS, Finding
from fmnist_core.recipes import load_papers
from pages.shared import cache

_COLORS = {"contradiction": "red", "implausible": "orange", "ambiguous": "gray", "holds": "green"}


def show_contradictions(document: Document) -> None:
    """Show what the checks of a paper find, a card each."""
    findings = cache.paper_findings(document.key)
    st.caption("Nothing here is an opinion: each card is computed from what the paper prints, or from our own runs.")
    if not findings:
        st.info("Nothing has been checked in this paper yet.")
        return
    counts = Counter(finding.kind for finding in findings)
    with st.container(horizontal=True, gap="small"):
        for kind, (title, explanation) in KINDS.items():
            if counts[kind]:
                st.badge(f"{counts[kind]} × {title.lower()}", color=_COLORS[kind], help=explanation)
    for finding in findings:
        if finding.kind != HOLDS:
            _show_card(finding)
    if counts[HOLDS]:
        with st.expander(f"What was checked and holds: {counts[HOLDS]}"):
            for finding in findings:
                if finding.kind == HOLDS:
                    _show_card(finding)


def _show_card(finding: Finding) -> None:
    recipe = load_papers()[finding.recipe.partition("/")[0]].recipes[finding.recipe] if finding.recipe else None
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(KINDS[finding.kind][0], color=_COLORS[finding.kind])
            st.markdown(f"**{finding.title}**", width="content")
            if recipe is not None:
                st.caption(recipe.title, width="content")
        said, found = st.columns(2, gap="medium")
        said.caption("The paper says")
        said.markdown(finding.claim)
        found.caption("The lab computes")
        found.markdown(finding.computed)
        st.markdown(f"*{finding.reasoning}*")


def show_notes(document: Document) -> None:
    """Show what was chosen where the paper leaves it open, network by network."""
    st.caption("Where a paper is silent or says two things, something had to be chosen before it could be trained.")
    recipes = load_papers()[document.key].recipes.values()
    shared = [note for note in next(iter(recipes)).notes if all(note in recipe.notes for recipe in recipes)]
    with st.container(border=True, gap="small"):
        st.markdown("**All its networks**")
        st.markdown("\n".join(f"- {note}" for note in shared) or "Nothing in particular.")
    alike: dict[tuple[str, ...], list[str]] = {}
    for recipe in recipes:
        if own := tuple(note for note in recipe.notes if note not in shared):
            alike.setdefault(own, []).append(recipe.title)
    for notes, titles in alike.items():
        with st.container(border=True, gap="small"):
            st.markdown(f"**{' · '.join(titles)}**")
            st.markdown("\n".join(f"- {note}" for note in notes))
