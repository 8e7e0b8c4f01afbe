"""What tests of trainings do: start one and wait for it."""

import json
import re
import time
from datetime import datetime

from playwright.sync_api import expect


def read_runs(server):
    return {path.parent.name: json.loads(path.read_text()) for path in (server.home / "runs").glob("2*/run.json")}


def wait_for_status(server, run_id, *statuses, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = read_runs(server)[run_id]["status"]
        if status in statuses:
            return status
        time.sleep(0.2)
    raise AssertionError(f"{run_id} is {status} after {seconds} s")


def start(page, server):
    """Click Start and return the new run's id."""
    before = set(read_runs(server))
    page.get_by_role("button", name="Start training").click()
    deadline = time.monotonic() + 30
    while not (started := set(read_runs(server)) - before):
        assert time.monotonic() < deadline, "no run has appeared"
        time.sleep(0.1)
    (run_id,) = started
    # What is watched is the new run and not an earlier one.
    moment = datetime.fromtimestamp(read_runs(server)[run_id]["created"])
    expect(page.get_by_role("combobox", name="Watch")).to_have_value(re.compile(f"{moment:%H:%M:%S}"))
    return run_id
