"""A step of the time machine's slider, beside the obvious way: a select slider and a Plotly confusion matrix.

Both show the same epochs of the same run, in turn, in the same browser. A step takes from the key until the browser
has painted another matrix; the stories below it, which Python writes, have a clock of their own.
"""

import statistics
import tempfile
import time
from pathlib import Path

STEPS = 20
WARM_UP_SECONDS = 25
OURS = "/train?run=mcnn-proposed&watch=Time+machine"
OUR_MATRIX = """() => {
  window.past ??= [...document.querySelectorAll("*")].find((each) => each.shadowRoot?.querySelector(".matrix"));
  return [...(window.past?.shadowRoot.querySelectorAll(".count") ?? [])].map((cell) => cell.textContent).join();
}"""
OUR_STORIES = """() => [...document.querySelectorAll("[data-testid=stHtml]")]
  .map((each) => each.textContent.match(/epoch \\d+: .{20}/)?.[0]).join()"""
PLOTLY_MATRIX = """() => [...document.querySelectorAll(".js-plotly-plot .textpoint text")]
  .map((cell) => cell.textContent).join()"""
PLOTLY_PAGE = """
import streamlit as st
from fmnist_core import runs
from fmnist_core.data import load_dataset
from fmnist_core.dynamics import compute_dynamics, load_timeline
from fmnist_core.figures.evaluation import plot_confusion_matrix

@st.cache_resource
def load():
    return compute_dynamics(load_timeline(runs.load_run("mcnn-proposed"), load_dataset().labels)).confusion

st.set_page_config(layout="wide")
epoch = st.select_slider("Travel in time", range(len(load())), value=len(load()) - 1)
counts = load()[epoch]
st.plotly_chart(plot_confusion_matrix(counts, [[str(count or "") for count in row] for row in counts], "#000000"))
"""


def run() -> None:
    """Print the milliseconds of a step, of ours and of the obvious way."""
    from playwright.sync_api import sync_playwright

    from fmnist_core.data import load_dataset
    from tests.e2e.browser import ARGUMENTS, find_chromium
    from tests.e2e.server import serve

    chromium = find_chromium()
    if chromium is None:
        print("There is no Chromium that runs, so the time machine cannot be timed.")
        return
    data = load_dataset().path
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        (Path(home) / "data").symlink_to(data)
        script = Path(home) / "plotly_page.py"
        script.write_text(PLOTLY_PAGE, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        with serve(Path(home)) as server, serve(Path(home), str(script)) as plotly:
            time.sleep(WARM_UP_SECONDS)
            print_steps("our matrix", time_steps(browser, server.url + OURS, OUR_MATRIX))
            print_steps("plotly's matrix", time_steps(browser, plotly.url, PLOTLY_MATRIX))
            print_steps("our stories", time_steps(browser, server.url + OURS, OUR_STORIES))


def time_steps(browser, url: str, probe: str) -> list[float]:
    """Return milliseconds from a key on the slider until what `probe` reads is painted anew, for each step."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    slider = page.get_by_role("slider", name="Travel in time")
    slider.wait_for(timeout=60_000)
    page.wait_for_function(f"() => ({probe})().length > 20", timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_timeout(3_000)
    slider.focus()
    page.evaluate(
        f"""() => addEventListener("keydown", () => {{
          const read = {probe};
          const before = read();
          const began = performance.now();
          window.step = null;
          const stop = () => (window.step = performance.now() - began);
          // The frame after the one in which it differs begins when that one has been painted.
          const look = () => requestAnimationFrame(read() === before ? look : stop);
          look();
        }}, true)"""
    )
    times = []
    for _ in range(STEPS):
        page.keyboard.press("ArrowLeft")
        times.append(page.wait_for_function("() => window.step", timeout=30_000).json_value())
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        page.wait_for_timeout(400)
    page.context.close()
    return times


def print_steps(name: str, times: list[float]) -> None:
    """Print median and spread."""
    print(f"{name:16} {statistics.median(times):4.0f} ms ({min(times):.0f} to {max(times):.0f})", flush=True)
