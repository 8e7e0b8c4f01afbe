"""Where pictures come from: files, the camera, the clipboard, and examples for whoever has none at hand."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fmnist_core import photo_examples, photos, uploads
from pages.shared import cache, components
from pages.shared.yours import kept

# Files that have arrived and are not read yet, and whether they came one alone.
_INBOX = "pictures arrived"
_TAKEN = "pictures taken"
_CAMERA = "camera on"

_paste = components.register("paste")


def show_sources() -> None:
    """Show where to put pictures, and read those that have arrived."""
    # A new key each time, so that Streamlit keeps no list of its own and no file for longer than it is read.
    number = st.session_state.setdefault(_TAKEN, 0)
    key = f"picture {number}"
    # All kinds of files, since what one is tells its content; Streamlit's own refusal gives no reason.
    st.file_uploader(
        "Drop pictures here, one garment on each",
        None,
        accept_multiple_files=True,
        key=key,
        on_change=_take,
        args=(key,),
    )
    with st.container(horizontal=True, gap="small"):
        st.button("📷 Camera", key="camera button", on_click=_toggle_camera, width=130)
        with st.container(width=130):
            _paste(
                key="paste",
                data={"label": "📋 Paste", "edge": photos.READ_EDGE, "bytes": 4_000_000},
                on_pasted_change=_take_pasted,
                height="content",
            )
    if st.session_state.get(_CAMERA):
        key = f"camera {number}"
        st.camera_input("One garment, as large as it goes", key=key, on_change=_take, args=(key,))
        st.caption("Browsers lend a camera only to pages of their own machine, or by https.")
    _read_inbox()


def show_examples() -> None:
    """Show pictures to try; a click on one takes it."""
    keys = list(photo_examples.EXAMPLES)
    titles = [photo_examples.EXAMPLES[key].title for key in keys]
    st.markdown("**None at hand? Try one of these**")
    components.tiles(
        [[address] for address in cache.example_thumbnails().values()],
        [[title] for title in titles],
        titles,
        key="photo examples",
        label="Pictures to try",
        columns=6,
        smallest=96,
        on_pick=lambda place: _take_example(keys[place - 1]),
    )


def _take(key: str) -> None:
    files = st.session_state[key]
    files = files if isinstance(files, list) else [file for file in (files,) if file is not None]
    names = ["Photo" if key.startswith("camera") else file.name for file in files]
    _deliver([(name, file.getvalue()) for name, file in zip(names, files, strict=True)])
    _release(files)
    st.session_state[_CAMERA] = False


def _release(files: list[UploadedFile]) -> None:
    """Have Streamlit forget files, which it would otherwise keep until the visitor leaves."""
    context = get_script_run_ctx()
    if context is not None:
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def _take_pasted() -> None:
    _deliver([_decode_pasted(file) for file in st.session_state["paste"]["pasted"] or []])


def _decode_pasted(file: dict[str, Any]) -> tuple[str, bytes]:
    try:
        return str(file["name"]), base64.b64decode(file["content"], validate=True)
    except (binascii.Error, KeyError, TypeError, ValueError):
        return "Pasted file", b""


def _take_example(key: str) -> None:
    picture = photo_examples.draw_example(key, cache.dataset().images)
    _deliver([(photo_examples.EXAMPLES[key].title, uploads.encode_png(picture))])


def _toggle_camera() -> None:
    st.session_state[_CAMERA] = not st.session_state.get(_CAMERA, False)


def _deliver(files: list[tuple[str, bytes]]) -> None:
    inbox = st.session_state.setdefault(_INBOX, {"files": [], "of": 0})
    inbox["files"] += files
    inbox["of"] = len(inbox["files"])
    st.session_state[_TAKEN] = st.session_state.get(_TAKEN, 0) + 1


def _read_inbox() -> None:
    inbox = st.session_state.get(_INBOX, {"files": [], "of": 0})
    if inbox["files"]:
        kept.add(_empty(inbox), alone=inbox["of"] == 1)


def _empty(inbox: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Hand out the files one by one behind a progress bar; what a click interrupts is still there afterwards."""
    bar = st.empty()
    while inbox["files"]:
        done = inbox["of"] - len(inbox["files"])
        if inbox["of"] > 1:
            bar.progress(done / inbox["of"], text=f"Reading picture {done + 1} of {inbox['of']} …")
        yield inbox["files"][0]
        inbox["files"].pop(0)
    bar.empty()
