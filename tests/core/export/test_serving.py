"""The servers as they are documented: started by the very commands, asked by the very snippet."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fmnist_core import run_data, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.export import export_run, serving, suggest_name

# In the environment of the tests, or in one of its own on the path.
MLFLOW = shutil.which("mlflow", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


@pytest.fixture
def port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def wait_for(port, process, folder):
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, (folder / "server.log").read_text()[-2000:]
        time.sleep(0.3)
    pytest.fail("The server did not start within 3 minutes.")


@pytest.mark.skipif(MLFLOW is None, reason="no server: pip install mlflow-skinny fastapi")
def test_mlflow_serves_the_onnx_file_and_the_snippet_asks_it(dataset, port, tmp_path, fmnist_home):
    run = runs.load_run("mcnn-proposed")
    export_run(run, "onnx", tmp_path / suggest_name(run, "onnx"))
    tested = run_data.load_evaluation(run)
    Image.fromarray(dataset.images[tested.items[3]]).save(tmp_path / "garment.png")
    install, *commands = serving.write_commands(run, "mlflow", port).splitlines(keepends=True)
    assert install.startswith("pip install mlflow-skinny")
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            ["bash", "-e", "-c", "".join(commands)],
            cwd=tmp_path,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PATH": os.pathsep.join([str(Path(MLFLOW).parent), os.environ["PATH"]])},
        )
    try:
        wait_for(port, server, tmp_path)
        done = subprocess.run(
            [sys.executable, "-c", serving.write_call("mlflow", port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    assert done.returncode == 0, done.stderr + (tmp_path / "server.log").read_text()[-2000:]
    probabilities = tested.probabilities[3]
    assert done.stdout.strip() == f"{CLASS_NAMES[probabilities.argmax()]}, {probabilities.max():.1%}"


def test_the_saved_model_answers_what_tensorflow_serving_makes_of_a_request(dataset, tmp_path, fmnist_home):
    import tensorflow as tf

    run = runs.load_run("threads-model-3")
    made = export_run(run, "saved_model", tmp_path / "1")
    assert (made.path / "saved_model.pb").is_file()
    assert made.bytes > 600_000
    tested = run_data.load_evaluation(run)
    # As its REST interface does: the list becomes the only input of the signature, in that input's own type.
    request = json.loads(json.dumps({"instances": dataset.images[tested.items[:2], ..., np.newaxis].tolist()}))
    signature = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    ((name, wanted),) = signature.structured_input_signature[1].items()
    (answers,) = signature(**{name: tf.constant(request["instances"], wanted.dtype)}).values()
    np.testing.assert_allclose(answers.numpy(), tested.probabilities[:2], atol=1e-4)


def test_the_commands_name_the_file_that_the_export_made(fmnist_home):
    run = runs.load_run("threads-model-3")
    said = serving.write_commands(run, "tensorflow-serving")
    assert f"unzip {suggest_name(run, 'saved_model')}\n" in said
    assert "$PWD/threads-model-3-saved_model:/models/garments/1" in said
    assert serving.SERVERS["tensorflow-serving"].address.format(port=8601) in serving.write_call("tensorflow-serving")
