"""The lab's own browser components: each is a folder of html, css and js under assets/components."""

import streamlit as st

from fmnist_core.storage import ASSETS


def _register(name: str):
    folder = ASSETS / "components" / name
    return st.components.v2.component(
        f"fmnist_{name}",
        **{kind: (folder / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")},
    )
