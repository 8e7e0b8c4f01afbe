"""What runs take on the disk, the trash, and how to get room back."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from fmnist_core import run_storage, run_trash, runs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.repeats import title_runs
from fmnist_core.run_storage import FREEABLE, KINDS, Usage, say_bytes
from pages.shared import widgets
from pages.shared.runs.keeping import attempt, show_news

_LARGEST = 10


def show_storage(listing: runs.Listing) -> None:
    """Show what takes room, and ways to get some back.

    Args:
        listing: all runs.
    """
    show_news()
    own = [run for run in listing.runs if not run.shipped]
    usage = run_storage.measure_usage(own)
    trashed = run_trash.list_trash()
    if not (own or trashed or usage.exports):
        st.info("Nothing was trained or imported here yet, and the runs that came with the lab stay as they are.")
        st.page_link("models/train.py", label="Train a network", icon="📈")
        return
    with st.container(horizontal=True, gap="medium"):
        st.metric("All together", say_bytes(usage.total), width="content")
        parts = {KINDS[kind].title: size for kind, size in usage.by_kind.items()}
        for title, size in (parts | {"Trash": usage.trash, "Exports": usage.exports}).items():
            if size:
                st.metric(title, say_bytes(size), width="content")
    st.caption("Of the runs that were made or imported here; those that came with the lab are not counted.")
    left, right = st.columns([1.2, 1], gap="large")
    with left:
        st.markdown("#### Largest runs")
        picked = _show_largest(own, usage)
    with right:
        st.markdown("#### Free some room")
        _show_freeing([run for run in (picked or own) if not run.active], usage, bool(picked))
        st.markdown("#### Trash")
        _show_trash(trashed, usage.trash)
        if usage.exports:
            st.markdown("#### Exports")
            _show_exports(usage.exports)


def _show_largest(own: Sequence[runs.Run], usage: Usage) -> list[runs.Run]:
    """Show the runs that take most, and return those that are ticked."""
    import pandas as pd

    if not own:
        st.caption("No run was made here yet.")
        return []
    titles = title_runs(own)
    ordered = sorted(own, key=lambda run: sum(usage.by_run[run.run_id].values()), reverse=True)
    sizes = [usage.by_run[run.run_id] for run in ordered]
    table = pd.DataFrame(
        {"Run": [titles[run.run_id] for run in ordered], "All, MB": [sum(each.values()) / 1e6 for each in sizes]}
        | {f"{KINDS[kind].title}, MB": [each[kind] / 1e6 for each in sizes] for kind in ("models", *FREEABLE)}
    )
    number = st.column_config.NumberColumn(format="%.1f")
    event = st.dataframe(
        table,
        hide_index=True,
        column_config=dict.fromkeys(table.columns[1:], number) | {"Run": st.column_config.TextColumn(width=230)},
        height=min(35 * (len(ordered) + 1) + 3, 35 * (_LARGEST + 1) + 3),
        key="largest-runs",
        on_select="rerun",
        selection_mode="multi-row",
    )
    return [ordered[place] for place in event["selection"]["rows"] if place < len(ordered)]


def _show_freeing(chosen: Sequence[runs.Run], usage: Usage, ticked: bool) -> None:
    titles = {kind: KINDS[kind].title for kind in FREEABLE}
    kind = widgets.select("What to remove", titles, key="free")
    size = sum(usage.by_run[run.run_id][kind] for run in chosen)
    number = f"{len(chosen)} {'run' if len(chosen) == 1 else 'runs'}"
    whose = (
        f"the {number} that you ticked" if ticked else f"all {number} that have ended; tick some to spare the others"
    )
    st.markdown(f"{titles[kind]} of {whose}: **{say_bytes(size)}**.")
    st.caption(f"{KINDS[kind].lost} This cannot be undone. Networks, curves and test answers stay.")
    with st.popover(f"Free {say_bytes(size)}", disabled=not size):
        st.markdown(f"Remove {titles[kind].lower()} of {number} for good?")
        news = f"{say_bytes(size)} were freed."
        st.button("Remove them", type="primary", key="free-go", on_click=_free, args=(chosen, kind, news))


def _show_trash(trashed: Sequence[run_trash.Trashed], size: int) -> None:
    if not trashed:
        st.caption(f"Empty. A deleted run stays here for {run_trash.KEPT_DAYS} days, and can come back.")
        return
    st.caption(f"{len(trashed)} deleted, {say_bytes(size)}. Each is removed {run_trash.KEPT_DAYS} days after that.")
    # Of two of one name the one deleted last comes back.
    titles = {entry.run_id: _title(entry) for entry in reversed(trashed)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Deleted runs", list(titles), format_func=titles.__getitem__, key="trashed")
        st.button("Bring back", key="restore", on_click=attempt, args=(runs.restore_run, chosen))
        with st.popover("Empty"):
            st.markdown(f"Remove {len(trashed)} deleted runs for good?")
            st.button(
                "Empty the trash", type="primary", key="empty-trash", on_click=attempt, args=(run_trash.empty_trash,)
            )


def _title(entry: run_trash.Trashed) -> str:
    try:
        title = runs.load_run(str(entry.path)).title
    except RunNotFoundError:
        title = entry.run_id
    return f"{title}, deleted {datetime.fromtimestamp(entry.deleted):%d %b %H:%M}"


def _show_exports(size: int) -> None:
    st.caption(f"{say_bytes(size)} of files that were made to be taken away; each can be made again.")
    st.button("Remove exports", key="empty-exports", on_click=attempt, args=(run_storage.empty_exports,))


def _free(chosen: Sequence[runs.Run], kind: str, news: str) -> None:
    attempt(run_storage.free_runs, chosen, kind, news=news)
