"""Papers: what five papers claim, and what comes out here."""

from functools import partial

import streamlit as st

from fmnist_core.papers.documents import Document, load_documents
from fmnist_core.papers.verdicts import FIGURES, VERDICTS, compare, write_summary
from pages.shared import cache, widgets
from pages.shared.papers.claims import show_claims
from pages.shared.papers.contradictions import show_contradictions, show_notes
from pages.shared.papers.figures import show_figures
from pages.shared.papers.overview import say_verdict, show_overview

OVERVIEW = "overview"


def show_paper(document: Document) -> None:
    about, headline = st.columns([7, 4], gap="large", vertical_alignment="center")
    with about:
        st.markdown(f"### {document.label}")
        st.caption(f"{document.authors}: *{document.title}*" if document.authors else f"*{document.title}*")
        st.markdown(document.summary)
    with headline:
        show_headline(document)
    tabs = {
        "Claims": show_claims,
        "Figures": show_figures,
        "Contradictions": show_contradictions,
        "Notes": show_notes,
    }
    for tab, show in zip(st.tabs(list(tabs), key="part", bind="query-params"), tabs.values(), strict=True):
        if tab.open:
            with tab:
                show(document)


def show_headline(document: Document) -> None:
    table = next(table for table in document.tables if any(one.name == document.headline for one in table.recipes))
    line = next(one for one in compare(table, document, cache.paper_results()) if one.recipe.name == document.headline)
    name = line.telling or "test"
    claimed, measured, verdict = line.figures[name].claimed, line.figures[name].measured, VERDICTS[line.verdict]
    with st.container(border=True, gap="small"):
        st.markdown(f"**{line.recipe.title}**, the network that it stands for")
        with st.container(horizontal=True, gap="medium"):
            st.metric("Claimed", "nothing" if claimed is None else f"{100 * claimed:.2f}%", width="content")
            value = "not yet" if measured is None else f"{100 * measured.mean:.2f}%"
            st.metric("Measured here", value, width="content")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            say_verdict(line.verdict)
            told = verdict.sentence if measured is None else write_summary(measured)
            st.caption(f"{FIGURES[name]}: {told}", width="content")


st.title("Papers")
st.caption(
    "Five papers' networks, trained again: what each claims, what comes out, and what cannot be true. Choose a paper, "
    "and train one of its networks yourself."
)
documents = load_documents()
if st.session_state.get(widgets.PAGE_BEFORE) != st.session_state[widgets.PAGE]:
    # Train has an input of this name, and what it shows is not what somebody who comes here has chosen.
    st.session_state.paper = st.query_params.get("paper", OVERVIEW)
titles = {OVERVIEW: "Overview"} | {key: document.label for key, document in documents.items()}
chosen = widgets.select("Paper", titles, key="paper", widget=st.pills, required=True, label_visibility="collapsed")
views = {OVERVIEW: show_overview} | {key: partial(show_paper, document) for key, document in documents.items()}
views[chosen]()
