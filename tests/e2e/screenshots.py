"""Take the pictures of the README: `make screenshots`. With a folder, take all pages in all forms there, to look at."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from fmnist_core.data import load_dataset
from fmnist_core.storage import ASSETS
from tests.e2e.browser import ARGUMENTS, find_chromium
from tests.e2e.conftest import wait_until_idle
from tests.e2e.server import ROOT, Server, serve

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CLASSES_TAB, SHIRTS_CALLED_T_SHIRTS = "tab=Classes", "cell=6-0"
PAGES = {
    "gallery": "/?item=0",
    "map": "/map?item=60007",
    "train": "/train",
    "build": "/build",
    "runs": "/runs?view=Compare&compare=mcnn-proposed,fitch-model-7,threads-model-3&along=operations&close=true",
    "papers": "/papers?paper=fitch",
    "mistakes": f"/mistakes?{SHIRTS_CALLED_T_SHIRTS}",
    "inside": "/inside?item=60023",
    "yours": "/yours",
}
# In a home of its own, since its runs are newer than those that the other pages are to show.
SEARCH_PAGES = {"search": "/search?search=lab-first-look"}


def draw_boot(page: Page) -> None:
    """Draw an ankle boot with the mouse."""
    sheet = page.locator(".st-key-drawing canvas").first
    box = sheet.bounding_box()
    if box is None:
        raise RuntimeError("There is no canvas on the page.")

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + box["width"] * x, box["y"] + box["height"] * y

    heel = 0.86
    for row in range(13):
        y = 0.16 + row * 0.052
        # A straight shaft, then a foot that grows towards the toe.
        toe = 0.5 if row < 6 else 0.5 - 0.07 * (row - 5)
        page.mouse.move(*at(heel, y))
        page.mouse.down()
        page.mouse.move(*at(max(toe, 0.1), y), steps=4)
        page.mouse.up()
    page.get_by_text("Nothing drawn yet").wait_for(state="hidden", timeout=60_000)
    page.wait_for_timeout(1500)


def wait_until_drawn(page: Page) -> None:
    """Wait until the page is complete and the browser has drawn what it was sent, charts included."""
    wait_until_idle(page)
    page.wait_for_function("document.querySelectorAll('[data-testid=stSkeleton]').length === 0", timeout=90_000)
    page.wait_for_timeout(1500)


@contextmanager
def serve_anew(searched: bool = False) -> Iterator[Server]:
    """Start the lab on an empty home, or on one in which the first look has been searched, which takes a minute."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "data").symlink_to(load_dataset().path)
        if searched:
            command = [sys.executable, "-m", "fmnist_core", "search", "--preset", "lab-first-look"]
            subprocess.run(command, cwd=ROOT, env={**os.environ, "FMNIST_HOME": home}, check=True)
        with serve(Path(home)) as server:
            yield server


def take(browser: Browser, url: str, pages: dict[str, str], folder: Path, sizes: dict[str, dict[str, int]]) -> None:
    """Take each page, light and dark, in the sizes asked for."""
    for theme in ("light", "dark"):
        for suffix, size in sizes.items():
            for name, path in pages.items():
                context = browser.new_context(viewport=size, color_scheme=theme)
                page = context.new_page()
                page.goto(url + path)
                wait_until_drawn(page)
                if name == "yours":
                    draw_boot(page)
                if name == "inside":
                    page.mouse.move(size["width"] * 0.6, size["height"] / 4)
                    page.mouse.wheel(0, 480)
                    page.wait_for_timeout(1000)
                if name == "build":
                    page.get_by_text("Convolution").nth(1).click()
                    wait_until_idle(page)
                    page.wait_for_timeout(1000)
                page.screenshot(path=folder / f"{name}-{theme}{suffix}.png")
                context.close()


def main(arguments: list[str]) -> None:
    """Start the lab and take the pictures."""
    everything = bool(arguments)
    folder = Path(arguments[0]) if everything else ASSETS / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {"": WIDE, "-narrow": NARROW} if everything else {"": WIDE}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        for pages, searched in ((PAGES, False), (SEARCH_PAGES, True)):
            with serve_anew(searched) as server:
                take(browser, server.url, pages, folder, sizes)


if __name__ == "__main__":
    main(sys.argv[1:])
