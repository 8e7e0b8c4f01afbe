"""The web app: `streamlit run app.py`. Warms the server at its start; the pages' script does the rest."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from fmnist_core.errors import FmnistError
from pages.shared import warm_up
from pages.shared.routes import ROUTES

_ROOT = Path(__file__).parent


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    threading.Thread(target=warm_up.warm, name="warm-up", daemon=True).start()
    yield
    warm_up.cool()


def _show_error(error: Exception) -> bool:
    """Show a user's error as its sentence, any other as an apology; the details go to the log."""
    if isinstance(error, FmnistError):
        st.error(str(error))
    else:
        logging.getLogger(__name__).error("A page failed", exc_info=error)
        st.error("Something went wrong on this page. Nothing is lost: reload it, or go on with another page.")
    return True


# The script lies inside pages/, so Streamlit does not mistake that folder for its old kind of pages,
# which would greet the first visitor of a deep link with "Page not found".
app = st.App(_ROOT / "pages" / "navigation.py", lifespan=_lifespan, routes=ROUTES, on_script_error=_show_error)
