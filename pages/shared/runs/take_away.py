"""A run taken away: in which formats, made and checked on a click, and how its network answers requests."""

import streamlit as st

from fmnist_core import export, jobs, runs
from fmnist_core.export import keeping, serving
from fmnist_core.export.formats import say_obstacle
from fmnist_core.pending import FAILED, Progress
from pages.shared import waiting


def show_take_away(run: runs.Run) -> None:
    """Show in which formats a run can be had, and hand out what has been made."""
    st.caption(
        "A click makes the file, loads it again in its own runtime and compares it with this run on "
        f"{export.CHECKED_ITEMS:,} official test items, as many of each class. It is then there for everybody."
    )
    obstacles = {key: say_obstacle(run, key) for key in export.FORMATS}
    for key, obstacle in obstacles.items():
        if obstacle is None:
            _show_format(run, key)
    for reason in dict.fromkeys(obstacle for obstacle in obstacles.values() if obstacle):
        st.caption(reason)
    if run.has_model:
        _show_serving(run)


def _show_format(run: runs.Run, key: str) -> None:
    found, request = export.FORMATS[key], keeping.request_export(run, key)
    kept, progress = keeping.load_kept(run, key), request.pending.load_progress()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{found.title}** · {found.ending}  \n:small[{found.purpose}]", width=680)
            if kept is not None:
                _hand_out(kept, key)
            elif export.is_installed(key) and not (progress and progress.active):
                label = "Make and check" if progress is None else "Try again"
                st.button(label, on_click=_begin, args=(run, key), key=f"export {key}")
        if kept is not None:
            _show_check(kept.check)
        elif progress is not None and progress.active:
            waiting.follow(request.pending, found.title, request.pending.cancel, prefix="export ")
        elif not export.is_installed(key):
            st.markdown(":small[Not installed here. This line brings it:]")
            st.code(found.install_line, language="bash")
        elif progress is not None:
            _say_why(progress)


def _begin(run: runs.Run, key: str) -> None:
    # Of a file that was thrown away its check may be left.
    keeping.forget_kept(run, key)
    jobs.submit_study(keeping.request_export(run, key))


def _hand_out(kept: export.Export, key: str) -> None:
    st.download_button(
        f"Download, {kept.bytes / 1e6:.1f} MB" if kept.bytes >= 1e6 else f"Download, {kept.bytes / 1e3:.0f} kB",
        # Only a click reads it.
        data=kept.path.read_bytes,
        file_name=kept.path.name,
        mime=export.FORMATS[key].mime,
        on_click="ignore",
        key=f"download {key}",
    )


def _show_check(check: export.Check) -> None:
    if check.holds:
        st.markdown(f":green[✓] :small[{check.sentence}]")
    else:
        st.warning(f"{check.sentence} That is more than this format should cost.")


def _say_why(progress: Progress) -> None:
    if progress.status == FAILED:
        st.error(progress.sentence)
    else:
        st.warning("It was interrupted: its worker or the server ended.")


def _show_serving(run: runs.Run) -> None:
    with st.expander("Serve it: let other programs ask this network"):
        st.markdown("Servers for that exist already; they take the files above as they are.")
        tabs = st.tabs([server.title for server in serving.SERVERS.values()])
        for tab, (key, server) in zip(tabs, serving.SERVERS.items(), strict=True):
            with tab:
                st.caption(server.note)
                st.markdown(f"Start it where you have saved the {export.FORMATS[server.format].title} file:")
                st.code(serving.write_commands(run, key), language="bash")
                st.markdown("Ask it about a picture, bright on black:")
                st.code(serving.write_call(key), language="python")
