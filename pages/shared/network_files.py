"""Keeping a network of one's own and handing it on: by name, as a link, as JSON."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from fmnist_core import networks
from fmnist_core.errors import FmnistError, NetworkExistsError
from fmnist_core.networks import LONGEST_NAME, MOST_BYTES, Network
from pages.shared import components

_REFUSAL = "why it was not saved"
_REPLACEABLE = "could be replaced"


def save(network: Network, replace: bool = False) -> bool:
    """Save a network and tell whether that went well; if not, `show_refusal` says why."""
    try:
        networks.save_network(network, replace)
    except NetworkExistsError:
        st.session_state[_REFUSAL] = (
            f"There is another network called “{network.name}”. Give this one another name, or replace that one."
        )
        st.session_state[_REPLACEABLE] = True
    except FmnistError as error:
        st.session_state[_REFUSAL] = str(error)
    else:
        return True
    return False


def show_refusal(*, key: str, on_replace: Callable[..., None], args: tuple = ()) -> None:
    """Say why a network was not saved, if it was not, and offer to replace another one of its name."""
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.warning(refusal)
        if st.session_state.pop(_REPLACEABLE, False):
            st.button("Replace it", key=f"{key}-replace", on_click=on_replace, args=args)


def share_inputs(
    network: Network,
    *,
    key: str,
    on_open: Callable[[Network], None],
    without: Sequence[str] = (),
    query: Mapping[str, str] | None = None,
) -> None:
    """Show the ways in and out: a link, a file to download, a file to upload.

    Args:
        network: what is handed on.
        key: beginning of the keys.
        on_open: called with the network that a file brought.
        without: query parameters that the link leaves out.
        query: those of the link if the page's address does not say it all.
    """
    components.copy_link("Copy link", key=f"{key}-link", without=without, query=query)
    st.caption("Whoever opens the link sees the same.")
    st.download_button(
        "Download JSON",
        networks.to_json(network),
        f"{network.slug}.json",
        "application/json",
        key=f"{key}-download",
        on_click="ignore",
        width="stretch",
    )
    st.file_uploader(
        "Open a JSON file",
        ["json"],
        key=f"{key}-upload",
        max_upload_size=1,
        on_change=_open,
        args=(f"{key}-upload", on_open),
    )
    if said := st.session_state.pop(f"{key}-said", None):
        st.error(said)


def _open(key: str, on_open: Callable[[Network], None]) -> None:
    file = st.session_state[key]
    if file is None:
        return
    try:
        on_open(networks.from_json(file.getvalue()[: MOST_BYTES + 1].decode("utf-8", "replace")))
    except FmnistError as error:
        st.session_state[key.removesuffix("-upload") + "-said"] = str(error)


def name_input(key: str, **options: Any) -> str:
    """Let the user name a network; `options` are those of st.text_input."""
    return st.text_input("Name", key=key, max_chars=LONGEST_NAME, placeholder="A name for it", **options)
