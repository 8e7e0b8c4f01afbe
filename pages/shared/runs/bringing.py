"""Take in a run or a network from elsewhere: hand in the file, have it checked, see why if it is refused."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.importing import Imported, import_file
from fmnist_core.model_safety import MOST_BYTES
from pages.shared import cache
from pages.shared.runs.keeping import CHOSEN, FORGET

_SECONDS = 20


def offer_import() -> None:
    """Show the button that opens the dialog."""
    if st.button("Import", key="import", help="Take in a run that was handed on, or a network trained elsewhere."):
        _show_dialog()


@st.dialog("Import a run or a network")
def _show_dialog() -> None:
    st.markdown(
        "Hand in a run that was exported here or in another lab (`.run.zip`), or a network that Keras has saved "
        "(`.keras`), from a notebook for example. It must take pictures of (28, 28, 1) and give ten probabilities."
    )
    file = st.file_uploader(
        "File",
        ["zip", "keras"],
        key="import-file",
        max_upload_size=MOST_BYTES // 1_000_000,
        label_visibility="collapsed",
    )
    with st.expander("What is checked"):
        st.markdown(
            "Files from elsewhere are not trusted. Only known files are read, up to fixed sizes. A network may be made "
            "of Keras's own layers and nothing else, so that loading it can run no code and open no files. It is then "
            "loaded in a process of its own, asked about test items, and kept only if its answers are probabilities."
        )
    if file is None:
        return
    begin = st.empty()
    if begin.button(f"Check it and take it in, about {_SECONDS} s", type="primary", key="import-go"):
        begin.empty()
        _take_in(file.getvalue(), file.name, scale=False)
    elif st.session_state.get("import-scale"):
        begin.empty()
        _take_in(file.getvalue(), file.name, scale=True)


def _take_in(content: bytes, name: str, scale: bool) -> None:
    place = st.empty()
    try:
        found = _import(content, name, scale, lambda sentence, share: place.progress(share, text=sentence))
    except FmnistError as error:
        place.error(f"Not taken in. {error}")
        return
    place.empty()
    if found.run is None:
        _offer_scaling(found)
        return
    st.session_state[FORGET] = st.session_state.get(FORGET, 0) + 1
    st.query_params[CHOSEN] = found.run.run_id
    st.rerun()


def _import(content: bytes, name: str, scale: bool, report: Callable[[str, float], object]) -> Imported:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        return import_file(path, name, cache.dataset(), scale, lambda sentence, share: report(f"{sentence} …", share))


def _offer_scaling(found: Imported) -> None:
    if found.verdict is None:
        return
    st.warning(
        f"This network was trained on pixels from 0 to 1: of 2,000 training items {found.verdict.scaled:.1%} are right "
        f"with these, {found.verdict.raw:.1%} with pixels from 0 to 255, as the lab hands them over."
    )
    st.button("Put a layer in front that divides by 255, and take it in", type="primary", key="import-scale")
