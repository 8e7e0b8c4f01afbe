"""A running app, and a real Chromium to use it with."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.browser import ARGUMENTS, find_chromium
from tests.e2e.server import Server, serve

FAILURES = Path(__file__).parent / "failures"
FAILED = pytest.StashKey[bool]()

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def server(make_home, tmp_path_factory) -> Iterator[Server]:
    """The app, with the data and nothing else in its FMNIST_HOME; all tests share it."""
    with serve(make_home(tmp_path_factory.mktemp("server") / "home")) as running:
        yield running


@pytest.fixture
def cold_server(make_home, tmp_path) -> Iterator[Server]:
    """An app that nobody has visited yet."""
    with serve(make_home(tmp_path / "home")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium that runs was found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser, request) -> Iterator[BrowserContext]:
    """A visitor whom the app does not know. What the tabs showed is kept in failures/ if the test fails."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    if request.node.stash.get(FAILED, False):
        FAILURES.mkdir(exist_ok=True)
        for number, page in enumerate(context.pages, start=1):
            page.screenshot(path=FAILURES / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', request.node.name)}-{number}.png")
    context.close()


@pytest.fixture
def requests_seen(context) -> list[str]:
    """The addresses that the visitor's tabs ask for, as they are asked for; a web socket's is written as http."""
    seen: list[str] = []
    context.on("request", lambda request: seen.append(request.url))
    context.on(
        "page", lambda page: page.on("websocket", lambda socket: seen.append(socket.url.replace("ws", "http", 1)))
    )
    return seen


@pytest.fixture
def open_page(context, server) -> Callable[..., Page]:
    """Open one of the app's pages by its path in a new tab, and wait until it is complete."""

    def open_path(path: str = "/", at: Server = server) -> Page:
        page = context.new_page()
        page.goto(at.url + path)
        wait_until_idle(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        return page

    return open_path


def wait_until_idle(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    # The first page that needs Keras waits until it is imported, which on a busy machine takes half a minute.
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=90_000)
