"""Page config and navigation, nothing else."""

from pathlib import Path

import streamlit as st

from pages.shared.widgets import PAGE, PAGE_BEFORE

ASSETS = Path(__file__).parent.parent / "assets"

st.set_page_config(page_icon=str(ASSETS / "icon.png"), layout="wide")
st.html(ASSETS / "style.css")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "icon.png"))

# Streamlit gives the first page the address "/" alone; the others lead one to expect this one at "/gallery".
gallery = st.Page("data/gallery.py", title="Gallery", icon="🧺", url_path="start", default=True)
by_its_name = st.Page(
    lambda: st.switch_page(gallery, query_params=st.query_params.to_dict()),
    title="Gallery",
    url_path="gallery",
    visibility="hidden",
)
page = st.navigation(
    {
        "Data": [
            gallery,
            by_its_name,
            st.Page("data/map.py", title="Map", icon="🗺️", url_path="map"),
        ],
        "Models": [
            st.Page("models/train.py", title="Train", icon="📈", url_path="train"),
            st.Page("models/build.py", title="Build", icon="🧱", url_path="build"),
            st.Page("models/runs.py", title="Runs", icon="🗂️", url_path="runs"),
            st.Page("models/search.py", title="Search", icon="🎯", url_path="search"),
            st.Page("models/papers.py", title="Papers", icon="📄", url_path="papers"),
        ],
        "Analysis": [
            st.Page("analysis/mistakes.py", title="Mistakes", icon="🔍", url_path="mistakes"),
            st.Page("analysis/inside.py", title="Inside", icon="🔬", url_path="inside"),
        ],
        "Classify": [st.Page("classify/yours.py", title="Classify yours", icon="🎨", url_path="yours")],
    }
)
st.session_state[PAGE_BEFORE] = st.session_state.get(PAGE)
st.session_state[PAGE] = page.url_path
page.run()
