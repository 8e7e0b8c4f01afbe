"""The map in the browser against the obvious way, a Plotly scattergl chart of the same 70,000 points.

Both are opened in turn by the same browser on the same machine. A map is interactive when its points are drawn. A
move of the lasso takes until the browser has painted it, a hover until the item's picture stands there.
"""

import math
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil

ROUNDS = 5
MOVES = 40
HOVERS = 20
SESSIONS = 10
WARM_UP_SECONDS = 25
# Two frames: the one in which the move is drawn, and the next, which begins when that one is done.
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
PLOTLY_PAGE = """
import plotly.graph_objects as go
import streamlit as st
from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.data import load_dataset
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import load_projection

st.set_page_config(layout="wide")
projection, labels = load_projection(ProjectionConfig().key), load_dataset().labels
figure = go.Figure()
for label, name in enumerate(CLASS_NAMES):
    x, y = projection.embedding[labels == label].T
    figure.add_scattergl(x=x, y=y, mode="markers", name=name, marker={"size": 3, "color": CLASS_COLORS[label]})
figure.update_layout(height=600, dragmode="lasso")
st.plotly_chart(figure, key="chart", on_select="rerun")
"""


def run() -> None:
    """Print seconds to interactive, bytes sent, milliseconds of a move of the lasso and of a hover, and memory."""
    from playwright.sync_api import sync_playwright

    from fmnist_core.data import load_dataset
    from tests.e2e.browser import ARGUMENTS, find_chromium
    from tests.e2e.server import serve

    chromium = find_chromium()
    if chromium is None:
        print("There is no Chromium that runs, so the map cannot be timed.")
        return
    data = load_dataset().path
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        (Path(home) / "data").symlink_to(data)
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        script = Path(home) / "plotly_page.py"
        script.write_text(PLOTLY_PAGE, encoding="utf-8")
        with serve(Path(home)) as server, serve(Path(home), str(script)) as plotly:
            time.sleep(WARM_UP_SECONDS)
            ours = (server.url + "/map", "[data-state=ready] .marks")
            obvious = (plotly.url, ".js-plotly-plot .nsewdrag")
            _compare(browser, ours, obvious)
            _time_hovers(browser, *ours)
            _weigh_sessions(browser, *ours)


def _compare(browser, ours: tuple[str, str], obvious: tuple[str, str]) -> None:
    figures: list[dict[str, list[float]]] = [{"open": [], "bytes": [], "move": []} for _ in range(2)]
    for round_ in range(ROUNDS + 1):
        for way, (url, ready) in enumerate((ours, obvious)):
            opened, sent, moves = _visit(browser, url, ready)
            if round_:  # the first one of each finds nothing in the server's caches
                figures[way]["open"].append(opened)
                figures[way]["bytes"].append(sent / 1e6)
                figures[way]["move"].append(1000 * statistics.median(moves))
    for name, unit in (("open", "s"), ("bytes", "MB"), ("move", "ms")):
        medians = [statistics.median(figures[way][name]) for way in range(2)]
        spread = [f"{min(figures[way][name]):.2f} to {max(figures[way][name]):.2f}" for way in range(2)]
        print(
            f"{name}: ours {medians[0]:.2f} {unit} ({spread[0]}), scattergl {medians[1]:.2f} {unit} ({spread[1]}), "
            f"ratio {medians[1] / medians[0]:.1f}",
            flush=True,
        )


def _visit(browser, url: str, ready: str) -> tuple[float, int, list[float]]:
    """Return the seconds until the points are there, the bytes sent for them, and the seconds of each lasso move."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)  # once, so that the browser has Streamlit's own files
    page.wait_for_selector(ready, timeout=60_000)
    sent = _count_bytes(page)
    began = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(ready, timeout=60_000)
    page.evaluate(PAINTED)
    opened = time.perf_counter() - began
    moves = _draw_lasso(page, page.locator(ready).first.bounding_box())
    total = sum(sent)
    context.close()
    return opened, total, moves


def _count_bytes(page) -> list[int]:
    sent: list[int] = []

    def hear(frame: str | bytes) -> None:
        sent.append(len(frame))

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    # Streamlit's own files, the same for both and kept by the browser, do not count.
    page.on(
        "response",
        lambda response: "/static/" not in response.url and sent.append(int(response.headers.get("content-length", 0))),
    )
    return sent


def _draw_lasso(page, box: dict[str, float]) -> list[float]:
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reach = 0.35 * min(box["width"], box["height"])
    seconds = []
    page.keyboard.down("Shift")
    page.mouse.move(middle[0] + reach, middle[1])
    page.mouse.down()
    for step in range(1, MOVES):
        angle = math.tau * step / MOVES
        began = time.perf_counter()
        page.mouse.move(middle[0] + reach * math.cos(angle), middle[1] + reach * math.sin(angle))
        page.evaluate(PAINTED)
        seconds.append(time.perf_counter() - began)
    page.mouse.up()
    page.keyboard.up("Shift")
    return seconds


def _time_hovers(browser, url: str, ready: str) -> None:
    """Print how long it takes from a move of the pointer until the picture of the item below it stands there."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.wait_for_selector(ready, timeout=60_000)
    root = page.locator(".lab-map")
    generator = np.random.default_rng(0)
    seconds = []
    for item in generator.choice(70_000, HOVERS, replace=False).tolist():
        x, y = root.evaluate("(root, item) => { const p = root.map.locate(item); return [p.x, p.y]; }", item)
        page.mouse.move(x, y)  # prepares the pointer, as a hand that comes near does
        began = time.perf_counter()
        page.mouse.move(x + 1, y)
        page.wait_for_function(
            "root => root.dataset.item !== '' && root.dataset.pictured === root.dataset.item",
            arg=root.element_handle(),
            polling="raf",
        )
        seconds.append(1000 * (time.perf_counter() - began))
        page.mouse.move(5, 5)
    print(f"hover: {statistics.median(seconds):.0f} ms until the picture (up to {max(seconds):.0f})", flush=True)
    page.context.close()


def _weigh_sessions(browser, url: str, ready: str) -> None:
    """Print by how much each further visitor lets the server grow."""
    port = f"--server.port {urlsplit(url).port} "
    server = next(found for found in psutil.process_iter(["cmdline"]) if port in " ".join(found.info["cmdline"] or []))
    pages = []
    sizes = []
    for _ in range(2):
        for _ in range(SESSIONS):
            pages.append(browser.new_context().new_page())
            pages[-1].goto(url)
            pages[-1].wait_for_selector(ready, timeout=60_000)
        sizes.append(server.memory_full_info().uss)
    # The first ten fill what all sessions share.
    print(f"memory: {(sizes[1] - sizes[0]) / SESSIONS / 1e6:.1f} MB a session, the mean of {SESSIONS}", flush=True)
