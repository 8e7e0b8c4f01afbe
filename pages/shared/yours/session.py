"""What visitors said of the answers: how many were right, which classes were taken for which, and each by itself."""

import html
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import corrections, sheets
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.corrections import Confusion, Correction
from fmnist_core.errors import FmnistError
from pages.shared import widgets
from pages.shared.yours import feedback

_PAGE = 8
_TROUBLE = "correction that was not deleted"
_SCOPES = {"visit": "This visit", "all": "All on this machine"}

# The colours of the confusion matrix on the page Mistakes.
_RIGHT, _WRONG, _UNSURE = "47, 112, 176", "205, 84, 28", "128, 128, 128"
_TABLE = "border-collapse: separate; border-spacing: 2px; border: 0; font-size: 0.875rem"
_COLUMN = (
    "writing-mode: vertical-rl; transform: rotate(180deg); height: 6rem; padding: 4px; border: 0; text-align: left; "
    "font-weight: 400"
)
_ROW = "padding: 0 8px 0 0; border: 0; text-align: right; font-weight: 400; white-space: nowrap"
_CELL = (
    "min-width: 2.25rem; height: 2.25rem; padding: 0; border: 0; border-radius: 3px; text-align: center; "
    "font-variant-numeric: tabular-nums"
)


@st.fragment
def show_session() -> None:
    """Show the corrections of this visit, or of all, and let them be taken away or deleted."""
    listing = corrections.list_corrections()
    own = listing.of_session(feedback.visit())
    others = len(listing.corrections) - len(own)
    trouble = st.session_state.pop(_TROUBLE, None)
    if trouble is not None:
        st.error(trouble)
    scope = "visit"
    if others or listing.unreadable:
        scope = widgets.select("Whose", _SCOPES, key="whose", widget=st.segmented_control, required=True)
    if listing.unreadable and scope == "all":
        st.warning(
            f"{_count(listing.unreadable, 'line')} of {corrections.corrections_path().name} cannot be read, damaged "
            "perhaps. Everything else is here; “Delete all” removes them as well."
        )
    shown = listing.corrections if scope == "all" else own
    if not shown:
        st.info("Nothing here yet: below each answer on Draw and Upload you can say whether it was right.")
        if scope == "all":
            _show_deletion(shown, listing.unreadable)
        return
    matrix, entries = st.columns([5, 7], gap="large")
    with matrix:
        _show_tally(corrections.compute_tally(shown))
        _show_confusion(corrections.compute_confusion(shown))
    with entries:
        _show_entries(shown[::-1])
        _show_files(shown)
        _show_deletion(shown, listing.unreadable if scope == "all" else 0)


def _show_tally(tally: corrections.Tally) -> None:
    if tally.answered:
        share = f"{tally.right / tally.answered:.0%}"
        st.subheader(f"{tally.right} of {_count(tally.answered, 'answer')} right, {share}", anchor=False)
    if tally.unsure:
        st.markdown(f"{_count(tally.unsure, 'time')} not sure; the best guess was right in {tally.guessed} of these.")


def _show_confusion(confusion: Confusion) -> None:
    """Show a small table, a row for each true class and a column for each answer."""
    # A column for "not sure" only if that was ever said.
    counts = confusion.counts if confusion.counts[:, -1].any() else confusion.counts[:, :-1]
    names = [html.escape(CLASS_NAMES[index]) for index in confusion.classes]
    head = "".join(f'<th scope="col" style="{_COLUMN}">{name}</th>' for name in [*names, "Not sure"][: counts.shape[1]])
    rows = "".join(
        f'<tr><th scope="row" style="{_ROW}">{name}</th>{_show_counts(row, place, len(names))}</tr>'
        for place, (name, row) in enumerate(zip(names, counts, strict=True))
    )
    table = f'<table style="{_TABLE}"><tr><td style="border: 0"></td>{head}</tr>{rows}</table>'
    st.html(f'<div style="overflow-x: auto">{table}</div>')
    st.caption("Rows: what it is, by those who were asked. Columns: what the network said.")


def _show_counts(counts: NDArray[np.int64], place: int, n_classes: int) -> str:
    cells = []
    for column, count in enumerate(counts.tolist()):
        color = _UNSURE if column == n_classes else _RIGHT if column == place else _WRONG
        strength = 0.25 + 0.6 * count / int(counts.max()) if count else 0.06
        ink = "#fff" if strength > 0.6 and color != _UNSURE else "inherit"
        cells.append(f'<td style="{_CELL}; background: rgba({color}, {strength:.2f}); color: {ink}">{count or ""}</td>')
    return "".join(cells)


def _show_entries(shown: Sequence[Correction]) -> None:
    """Show them one below the other, the newest first, each with its picture if that was kept."""
    page = widgets.turn_pages(-(-len(shown) // _PAGE), key="session page")
    for entry in shown[(page - 1) * _PAGE : page * _PAGE]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(_draw(entry), width="content")
            moment = datetime.fromtimestamp(entry.made).strftime("%d %b %H:%M")
            st.markdown(f"{entry.sentence}  \n:small[:gray[{entry.kind}, {moment}]]", width="stretch")
            st.button(
                "Delete",
                key=f"delete {entry.key}",
                type="tertiary",
                on_click=_delete,
                args=([entry.key],),
                width="content",
            )


def _draw(entry: Correction) -> str:
    frame = "width: 48px; height: 48px; border-radius: 6px; border: 1px solid var(--st-border-color)"
    if entry.image is None:
        icon = CLASS_ICONS[entry.truth]
        return (
            f'<div style="{frame}; display: grid; place-items: center; font-size: 24px" aria-hidden="true">{icon}</div>'
        )
    address, name = sheets.encode_data_url(entry.image), html.escape(CLASS_NAMES[entry.truth])
    return f'<img src="{address}" alt="{name}, the picture that was kept" style="{frame}; image-rendering: pixelated">'


def _show_files(shown: Sequence[Correction]) -> None:
    kept = [(entry.image, entry.truth) for entry in shown if entry.image is not None]
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "CSV",
            corrections.export_csv(shown),
            "corrections.csv",
            "text/csv",
            on_click="ignore",
        )
        if kept:
            images, labels = zip(*kept, strict=True)
            st.download_button(
                f"{_count(len(kept), 'picture')} as CSV",
                sheets.export_csv(np.stack(images), np.array(labels)),
                "pictures.csv",
                "text/csv",
                on_click="ignore",
                help="In the form in which Fashion-MNIST is passed on: label, then 784 pixels.",
            )


def _show_deletion(shown: Sequence[Correction], unreadable: int) -> None:
    with st.popover("Delete all …", key="delete all", on_change="rerun") as sure:
        if sure.open:
            st.markdown(f"{_count(len(shown), 'answer')}, with all pictures that were kept. This cannot be undone.")
            keys = None if unreadable else [entry.key for entry in shown]
            st.button("Delete them", key="delete them", type="primary", on_click=_delete, args=(keys,))


def _delete(keys: Sequence[str] | None) -> None:
    """Delete some corrections, or if None all that there is."""
    st.session_state["delete all"] = False
    # In a callback an error would cost the visitor the whole page.
    try:
        if keys is None:
            corrections.delete_everything()
        else:
            corrections.delete_corrections(keys)
        feedback.forget(None if keys is None else set(keys))
    except FmnistError as error:
        st.session_state[_TROUBLE] = str(error)


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"
