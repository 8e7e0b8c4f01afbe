"""Papers: what five papers claim, and what comes out here."""

import streamlit as st

st.title("Papers")
st.caption("Five papers' networks, trained again: what each claims, what comes out, and what cannot be true.")
