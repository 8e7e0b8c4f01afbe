"""All about one run: what it came to, its settings, what people wrote on it, and where to go on with it."""

from collections.abc import Iterator, Sequence
from functools import partial

import streamlit as st

from fmnist_core import run_package
from fmnist_core.progress import say_duration
from fmnist_core.run_labels import LONGEST_NAME, LONGEST_NOTE, MOST_TAGS
from fmnist_core.run_storage import say_bytes
from fmnist_core.run_table import Row, list_tags, say_setting
from fmnist_core.runs import FAILED, Run
from pages.shared import widgets
from pages.shared.runs import keeping
from pages.shared.runs.take_away import show_take_away


def show_details(row: Row, rows: Sequence[Row]) -> None:
    """Show a run.

    Args:
        row: the run.
        rows: all runs, whose tags are offered.
    """
    run = row.run
    with st.container(border=True, key="details-of-run"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            widgets.show_status(run)
            st.text(row.title, width="content")
            st.space("stretch")
            _show_links(run)
            _show_actions(run)
        _show_figures(row)
        views = {
            "Labels": partial(_show_labels, run, list_tags([other.run for other in rows])),
            "Settings": partial(_show_settings, row),
            "Take away": partial(show_take_away, run),
        }
        for tab, show in zip(st.tabs(list(views), key="about", bind="query-params"), views.values(), strict=True):
            if tab.open:
                with tab:
                    show()


def _show_links(run: Run) -> None:
    query = {"run": run.run_id}
    st.page_link("models/train.py", label="Watch", icon="📈", query_params=query, help="Its curves on Train")
    if run.has_evaluation:
        st.page_link("analysis/mistakes.py", label="Mistakes", icon="🔍", query_params=query)
    if run.has_model:
        st.page_link("analysis/inside.py", label="Inside", icon="🔬", query_params=query)


def _show_actions(run: Run) -> None:
    if run.has_evaluation and not run.active and not run.trained_elsewhere:
        st.download_button(
            "Export",
            partial(run_package.pack_run, run),
            f"{run.run_id}{run_package.ENDING}",
            "application/zip",
            key="export-run",
            on_click="ignore",
            help="One file with its settings, curves, answers and network, for another lab to import.",
        )
    if not run.shipped:
        rule = "A run must be stopped before it is deleted." if run.active else "Move it to the trash."
        st.button("Delete", key="delete-run", disabled=run.active, help=rule, on_click=keeping.delete, args=([run],))
    st.button("✕", key="close-details", help="Close", on_click=keeping.forget_choice)


def _show_figures(row: Row) -> None:
    run = row.run
    if run.status == FAILED:
        st.error(f"This run failed: {run.record.get('error', 'the reason is not known.')}")
    with st.container(horizontal=True, gap="medium"):
        if row.accuracy is not None:
            st.metric("Test accuracy", f"{row.accuracy.value:.2%}", width="content")
        if row.val_accuracy is not None:
            curve = [100 * value for value in row.curve]
            drawn = {"chart_data": curve, "chart_type": "line"} if len(curve) > 1 else {}
            st.metric("Validation accuracy", f"{row.val_accuracy:.2%}", width=190, **drawn)
        if row.val_loss is not None:
            st.metric("Validation loss", f"{row.val_loss:.4f}", width="content")
        if row.seconds is not None:
            st.metric("Training", say_duration(row.seconds), width="content")
    st.caption(" ".join(_say_figures(row)))


def _say_figures(row: Row) -> Iterator[str]:
    run = row.run
    if row.accuracy is not None:
        where = "the official test set" if row.official else f"{row.test_items:,} other items than the official ones"
        low, high = 100 * row.accuracy.low, 100 * row.accuracy.high
        yield f"Tested on {where}; 95% interval {low:.1f} to {high:.1f}%."
    yield f"{run.parameters:,} parameters" + (f", {say_bytes(row.model_bytes)} on disk." if row.model_bytes else ".")
    if run.imported:
        yield f"Imported from {run.record['imported'].get('file', 'a file')}, so it cannot be trained on."
    if run.trained_elsewhere:
        yield "Whoever trained it may have shown it the items that test it here."


def _show_labels(run: Run, tags: Sequence[str]) -> None:
    if run.shipped:
        st.caption("This run came with the lab, so it cannot be named, tagged, put aside or deleted.")
        return
    labels = run.labels
    with st.form(f"labels-{run.run_id}", border=False):
        left, right = st.columns(2, gap="medium")
        name = left.text_input(
            "Name", labels.name, max_chars=LONGEST_NAME, placeholder=run.title, key=f"name-{run.run_id}"
        )
        chosen = left.multiselect(
            "Tags",
            sorted({*tags, *labels.tags}),
            labels.tags,
            accept_new_options=True,
            max_selections=MOST_TAGS,
            placeholder="Choose, or type a new one",
            key=f"tags-{run.run_id}",
        )
        note = right.text_area(
            "Note",
            labels.note,
            max_chars=LONGEST_NOTE,
            height=110,
            key=f"note-{run.run_id}",
            placeholder="What to remember",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            saved = st.form_submit_button("Save", type="primary")
            archived = st.checkbox(
                "Put aside", labels.archived, key=f"aside-{run.run_id}", help="Leave it out of the table"
            )
    if saved:
        stripped = tuple(dict.fromkeys(" ".join(tag.split()) for tag in chosen))
        keeping.save(run, {"name": name.strip(), "tags": stripped, "note": note.strip(), "archived": archived})
        st.rerun()


def _show_settings(row: Row) -> None:
    run = row.run
    if run.trained_elsewhere:
        st.caption("This network was trained elsewhere, and its file does not say how.")
        return
    if row.differences is None:
        st.caption(f"Its recipe, {run.recipe}, is not here any more, so there is nothing to compare with.")
    elif row.differences:
        changes = (
            f"**{say_setting(name, value)}** instead of {say_setting(name, usual)}"
            for name, (usual, value) in row.differences.items()
        )
        st.markdown(f"Unlike its recipe, {run.recipe}: {', '.join(changes)}.")
    else:
        st.markdown(f"Exactly as its recipe, {run.recipe}, says.")
    marked = row.differences or {}
    with st.container(horizontal=True, gap="small"):
        for name, value in run.config.to_dict().items():
            if value is not None and name != "layers":
                words = f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else say_setting(name, value)
                st.badge(words, color="orange" if name in marked else "gray")
    facts = [run.record.get("device"), *(f"{name} {version}" for name, version in _versions(run).items())]
    st.caption(" · ".join(filter(None, facts)))


def _versions(run: Run) -> dict[str, str]:
    versions = run.record.get("versions")
    return versions if isinstance(versions, dict) else {}
