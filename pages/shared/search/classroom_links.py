"""What a teacher hands to a class: one link for all, one for each cell, and all of them as a list."""

from urllib.parse import urlsplit

import streamlit as st

from fmnist_core.classroom import Classroom
from fmnist_core.classroom_cells import NEXT, Surface, average_cells, link_to_cell, to_csv
from fmnist_core.figures.search_scales import say_value
from fmnist_core.repeats import title_runs
from pages.shared import cache
from pages.shared.search.classroom_pupil import CELL, CLASS

_PAGE = "/search"
_ONLY_HERE = ("localhost", "127.0.0.1", "::1")
_START = "streamlit run app.py --server.address 0.0.0.0"


def show_links(classroom: Classroom, surface: Surface, measure: str) -> None:
    """Show the links of a class.

    Args:
        classroom: the grid.
        surface: as the runs show it now.
        measure: key of `classroom_cells.MEASURES`, for the table to download.
    """
    base = find_base()
    st.markdown("##### One link for everybody")
    st.caption("Whoever opens it gets the next free cell. When all are trained, it goes round again, with other seeds.")
    st.code(link_to_cell(classroom, NEXT, base), language=None, wrap_lines=True)
    _say_reach(base)
    st.markdown("##### Or a cell for each")
    numbers = [cell.number for cell in surface.cells]
    number = st.selectbox("Cell", numbers, format_func=lambda number: _title(classroom, number), key="class cell")
    st.code(link_to_cell(classroom, number, base), language=None, wrap_lines=True)
    st.page_link(
        "models/train.py",
        label="Train this cell yourself",
        icon="📈",
        query_params={CLASS: classroom.name, CELL: str(number)},
    )
    cell = surface.cells[number - 1]
    for run_id, title in title_runs(cell.runs).items():
        st.page_link("models/train.py", label=title, icon="🔎", query_params={"run": run_id})
    with st.expander("All links"):
        st.code("\n".join(link_to_cell(classroom, number, base) for number in numbers), language=None)
    outcomes = {run.run_id: cache.outcome(run) for cell in surface.cells for run in cell.finished}
    st.download_button(
        "Download links and results (CSV)",
        to_csv(classroom, surface, average_cells(surface, outcomes, measure), measure, base),
        f"{classroom.name}.csv",
        "text/csv",
        key="class csv",
        on_click="ignore",
        width="stretch",
    )


def find_base() -> str:
    """Return the address under which this visitor sees the lab, without a page."""
    url = st.context.url
    if url is None:  # no browser told it
        return f"http://{st.get_option('browser.serverAddress')}:{st.get_option('server.port')}"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix(_PAGE)}"


def _title(classroom: Classroom, number: int) -> str:
    row, column = classroom.find_values(number)
    return f"{number}: {say_value(row)} · {say_value(column)}"


def _say_reach(base: str) -> None:
    if urlsplit(base).hostname in _ONLY_HERE:
        st.info(
            f"{urlsplit(base).netloc} leads everybody to their own machine. For pupils elsewhere start the lab by "
            f"`{_START}` and open it by this machine's name or address in your network: the links then begin with it."
        )
    else:
        st.caption(f"Pupils must be able to reach {urlsplit(base).netloc} from where they sit.")
