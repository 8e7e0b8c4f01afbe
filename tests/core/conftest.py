"""A web server of our own, which can be told to misbehave, the command line, and a real run to look at."""

import json
import math
import shutil
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fmnist_core import cli, runs, storage
from fmnist_core.config import TrainingConfig
from fmnist_core.observing import BatchPoint, EpochRecord, NoObserver


@dataclass
class Server:
    """What the server serves, how it misbehaves, and what it was asked."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ignores_ranges: bool = False
    hides_length: bool = False
    breaks_after: int | None = None
    ranges: list[str | None] = field(default_factory=list)
    sent: int = 0


@pytest.fixture
def server():
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers["Range"]
            state.ranges.append(asked)
            content = state.files.get(self.path.lstrip("/"))
            if content is None:
                self.send_error(404)
                return
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and not state.ignores_ranges else 0
            if asked and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            body = content[start:]
            if not state.hides_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            body = body[: state.breaks_after]
            state.sent += len(body)
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.address = f"http://127.0.0.1:{http.server_port}/"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture
def call(capfd, request):
    """Run a command in this process and return its exit code, standard output and standard error.

    What a module names as its COMMAND goes before the arguments.
    """

    def run(*arguments):
        try:
            code = cli.main([*getattr(request.module, "COMMAND", ()), *map(str, arguments)])
        except SystemExit as end:
            code = end.code
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def call_json(call):
    """Run a command with --json, which must end well and say nothing else, and return what it printed."""

    def run(*arguments):
        code, out, err = call(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def change_members(tmp_path):
    """Write a zip file anew with some members changed, added or (None) left out; `config__json` is config.json."""

    def write(source, target, **members):
        with zipfile.ZipFile(source) as whole, zipfile.ZipFile(tmp_path / target, "w") as changed:
            contents = {name: whole.read(name) for name in whole.namelist()}
            contents |= {name.replace("__", "."): content for name, content in members.items()}
            for name, content in contents.items():
                if content is not None:
                    changed.writestr(name, content)
        return tmp_path / target

    return write


@dataclass(frozen=True)
class Rehearsal:
    """A real training as its run folder keeps it, and as a listener heard it."""

    home: Path
    run_id: str
    points: list[BatchPoint]
    records: list[EpochRecord]


class Listener(NoObserver):
    """Remembers what it hears, and stops the training at a position (in epochs) if it is told to."""

    def __init__(self, stops_at=math.inf):
        self.points, self.records, self.probabilities = [], [], []
        self.questions = 0
        self._stops_at = stops_at

    def on_point(self, point):
        self.points.append(point)

    def on_epoch(self, record, model, probabilities):
        self.records.append(record)
        self.probabilities.append(probabilities)

    def wants_stop(self):
        self.questions += 1
        return self.points[-1].epoch >= self._stops_at


@pytest.fixture
def listener():
    return Listener


# Small enough to train in seconds, large enough to learn something.
SMALL = TrainingConfig("threads/model-3", epochs=2, subset=3_000, validation_split=1 / 60, mixed_precision="off")


@pytest.fixture(scope="session")
def small_config():
    return SMALL


@pytest.fixture(scope="session")
def rehearsal(make_home, tmp_path_factory):
    """`small_config` trained once for all tests that look at a finished run; not to be written to."""
    from fmnist_core import recording  # it brings Keras, which most tests do without

    home = make_home(tmp_path_factory.mktemp("rehearsal") / "home")
    heard = Listener()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_HOME", str(home))
        run = runs.create_run(SMALL, "threads/model-3")
        recording.execute(run.run_id, heard)
    return Rehearsal(home, run.run_id, heard.points, heard.records)


@pytest.fixture
def finished_run(rehearsal, monkeypatch):
    """The rehearsal's run, to look at: all tests share it, so none may add to it or change it."""
    monkeypatch.setenv("FMNIST_HOME", str(rehearsal.home))
    return runs.load_run(rehearsal.run_id)


@pytest.fixture
def copied_run(rehearsal, fmnist_home):
    """A copy of the rehearsal's run that a test may change."""
    shutil.copytree(rehearsal.home / "runs" / rehearsal.run_id, runs.runs_folder() / rehearsal.run_id)
    return runs.load_run(rehearsal.run_id)


@pytest.fixture
def rewrite():
    """Change entries of a run's run.json and read the run again."""

    def change(run, **entries):
        storage.write_json(run.path / "run.json", {**run.record, **entries})
        return runs.load_run(run.run_id)

    return change
