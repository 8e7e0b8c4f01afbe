"""How long the page Runs takes with 300 runs in the folder: its own Python, and until it is painted in a browser."""

import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUNS = 300
ROUNDS = 5
_SOURCE = Path(__file__).parents[2] / "assets" / "runs" / "threads-model-3"
_WARM_SECONDS = 40


def run() -> None:
    """Print the seconds of listing and tabulating, and of opening the page on a warm server."""
    from fmnist_core.data import load_dataset

    data = load_dataset().path
    with tempfile.TemporaryDirectory() as home, _as_home(Path(home)):
        (Path(home) / "data").symlink_to(data)
        make_runs(Path(home) / "runs", RUNS)
        _time_python()
        _time_browser(Path(home))


def make_runs(folder: Path, n_runs: int) -> None:
    """Fill a folder with copies of a reference run, each of another seed, its answers after each epoch left out."""
    record = json.loads((_SOURCE / "run.json").read_text(encoding="utf-8"))
    for number in range(n_runs):
        made = folder / f"20260101-{number:06d}-threads-model-3-{number:04x}"
        shutil.copytree(_SOURCE, made, ignore=shutil.ignore_patterns("epochs"))
        changed = {"run_id": made.name, "created": record["created"] - 60 * number}
        config = {**record["config"], "seed": number}
        (made / "run.json").write_text(json.dumps({**record, **changed, "config": config}), encoding="utf-8")


def _time_python() -> None:
    from fmnist_core.run_storage import measure_usage
    from fmnist_core.run_table import rank_rows, tabulate_runs
    from fmnist_core.runs import list_runs

    steps = {
        "list": lambda: list_runs().runs,
        "list, tabulate and rank": lambda: rank_rows(tabulate_runs(list_runs().runs), "accuracy"),
        "list and measure on disk": lambda: measure_usage(list_runs().runs),
    }
    for name, step in steps.items():
        seconds, processor = [], []
        for _ in range(ROUNDS + 1):
            began, began_processor = time.perf_counter(), time.process_time()
            step()
            seconds.append(time.perf_counter() - began)
            processor.append(time.process_time() - began_processor)
        later = f"{statistics.median(seconds[1:]):.2f} s ({min(seconds[1:]):.2f} to {max(seconds[1:]):.2f})"
        own = f"{statistics.median(processor[1:]):.2f} s of a processor"
        print(f"{name:28}first {seconds[0]:.2f} s   later {later}, {own}", flush=True)


def _time_browser(home: Path) -> None:
    from playwright.sync_api import sync_playwright

    from tests.bench.pages import print_times, wait_for_page
    from tests.e2e.browser import ARGUMENTS, find_chromium
    from tests.e2e.server import serve

    chromium = find_chromium()
    if chromium is None:
        print("There is no Chromium that runs, so the page cannot be timed.")
        return
    with sync_playwright() as playwright, serve(home) as server:
        visitor = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS).new_context()
        times = []
        for number in range(ROUNDS + 1):
            page = visitor.new_page()
            began = time.perf_counter()
            page.goto(f"{server.url}/runs")
            times.append(wait_for_page(page, "Runs", began))
            page.close()
            if not number:
                time.sleep(_WARM_SECONDS)  # until the warm-up has ended
        print_times(f"open /runs, {RUNS} runs", times[1:])


@contextmanager
def _as_home(home: Path) -> Iterator[None]:
    """Have a folder be FMNIST_HOME for a while."""
    before = os.environ.get("FMNIST_HOME")
    os.environ["FMNIST_HOME"] = str(home)
    try:
        yield
    finally:
        os.environ.pop("FMNIST_HOME")
        if before is not None:
            os.environ["FMNIST_HOME"] = before
