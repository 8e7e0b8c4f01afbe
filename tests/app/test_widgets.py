from streamlit.testing.v1 import AppTest

from pages.shared import widgets


def page():
    import streamlit as st

    from pages.shared.widgets import once

    def count(name):
        st.session_state[name] = st.session_state.get(name, 0) + 1

    # Both call the same, as one button does whose click is delivered twice.
    for place in ("left", "right"):
        st.button(place, key=place, on_click=once(count), args=("calls",))


def click_both(app):
    for button in app.button:
        button.click()
    app.run()
    return app.session_state["calls"]


def test_what_starts_something_does_so_once_where_a_click_is_delivered_twice(monkeypatch):
    app = AppTest.from_function(page).run()
    assert click_both(app) == 1
    # Later it is another click.
    monkeypatch.setattr(widgets, "_ONE_CLICK_SECONDS", 0.0)
    assert click_both(app) == 3
