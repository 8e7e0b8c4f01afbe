"""What all sessions share; the only place that calls st.cache_resource and st.cache_data."""

import streamlit as st

from fmnist_core import data


@st.cache_resource(show_spinner=False)
def _dataset() -> data.Dataset:
    return data.load_dataset()


def dataset() -> data.Dataset:
    """Return the memory-mapped data; on a new machine fetch it first, behind a progress bar."""
    if not data.is_decoded():
        bar = st.progress(0.0, text="Fetching Fashion-MNIST (31 MB), once for this machine")
        data.load_dataset(lambda sentence, share: bar.progress(share, text=sentence))
        bar.empty()
    return _dataset()
