"""Opens pages without a browser."""

import gc
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = Path(__file__).parents[2] / "pages" / "navigation.py"


@pytest.fixture(autouse=True)
def _quick_garbage() -> None:
    """Keep what is there out of the collections that Streamlit makes after every run of a page.

    Where other tests have loaded TensorFlow, each walks a million objects, and takes longer than the page.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def open_page(fmnist_home):
    """Open a page by its file below pages/, with query parameters."""

    def open_page(page, **query):
        app = AppTest.from_file(SCRIPT, default_timeout=30)
        for key, value in query.items():
            app.query_params[key] = value
        return app.switch_page(page).run()

    return open_page
