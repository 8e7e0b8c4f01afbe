"""How long a visitor waits: from `streamlit run` to the first painted page, and for each page after that.

A page counts as painted when its title stands there, as complete when its script has ended, and, where it has one main
thing to see that the browser draws by itself, as drawn when that can be seen.
"""

import statistics
import tempfile
import time
from pathlib import Path

ROUNDS = 5
PAGES = {
    "/": "Gallery",
    "/map": "Map",
    "/train": "Train",
    "/build": "Build",
    "/mistakes": "Mistakes",
    "/inside": "Inside",
    "/papers": "Papers",
    "/runs": "Runs",
    "/yours": "Classify yours",
}
DRAWN = {
    "Mistakes": ".st-key-confusion .cell",
    "Inside": ".st-key-layers .maps canvas",
    "Runs": "[data-testid=stDataFrame] canvas",
}


def run() -> None:
    """Print the seconds of a cold start, of a warm server's pages, and of a click in the sidebar."""
    from playwright.sync_api import sync_playwright

    from fmnist_core.data import load_dataset
    from tests.e2e.browser import ARGUMENTS, find_chromium
    from tests.e2e.server import serve

    chromium = find_chromium()
    if chromium is None:
        print("There is no Chromium that runs, so pages cannot be timed.")
        return
    data = load_dataset().path
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        (Path(home) / "data").symlink_to(data)
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        # One visitor, whose browser keeps the files of its first visit.
        visitor = browser.new_context()
        visitor.new_page().goto("about:blank")

        def paint(url: str, title: str) -> tuple[float, ...]:
            page = visitor.new_page()
            began = time.perf_counter()
            page.goto(url)
            times = wait_for_page(page, title, began)
            page.close()
            return times

        starts = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with serve(Path(home)) as server:
                up = time.perf_counter() - began
                starts.append([up + seconds for seconds in paint(server.url, "Gallery")])
        print_times("start to first page", starts)
        with serve(Path(home)) as server:
            paint(server.url, "Gallery")
            time.sleep(25)  # until the warm-up has ended
            for path, title in PAGES.items():
                paint(server.url + path, title)
                print_times(f"open {path}", [paint(server.url + path, title) for _ in range(ROUNDS)])
            page = visitor.new_page()
            page.goto(server.url)
            wait_for_page(page, "Gallery", 0)
            for title in [*list(PAGES.values())[1:], "Gallery"]:
                seconds = []
                for _ in range(ROUNDS):
                    other = "Train" if title != "Train" else "Mistakes"
                    _follow(page, other)
                    seconds.append(_follow(page, title))
                print_times(f"sidebar to {title}", seconds)


def _follow(page, title: str) -> tuple[float, ...]:
    began = time.perf_counter()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    return wait_for_page(page, title, began)


def wait_for_page(page, title: str, began: float) -> tuple[float, ...]:
    """Return the seconds from `began` until the page was painted, was complete and, of some, was drawn."""
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for(timeout=30_000)
    painted = time.perf_counter() - began
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=30_000)
    complete = time.perf_counter() - began
    if title not in DRAWN:
        return painted, complete
    page.locator(DRAWN[title]).first.wait_for(timeout=30_000)
    return painted, complete, time.perf_counter() - began


def print_times(name: str, times: list) -> None:
    """Print the median and the ends of what `wait_for_page` returned, time by time."""
    columns = [
        f"{word} {statistics.median(seconds):5.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
        for word, seconds in zip(("painted", "complete", "drawn"), zip(*times, strict=True), strict=False)
    ]
    print(f"{name:28}{'   '.join(columns)}", flush=True)
