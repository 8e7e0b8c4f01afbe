"""Servers that answer requests with an exported network: how each is started with it, and how it is asked.

Neither needs code of ours. Both take the same request, `{"instances": images}`, so that one snippet asks either.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.export.exporting import suggest_name
from fmnist_core.runs import Run

# What tells MLflow that a folder holds a model, and that it takes pixels in whole numbers.
_MLMODEL = """\
flavors:
  onnx:
    data: model.onnx
    providers: [CPUExecutionProvider]
  python_function:
    loader_module: mlflow.onnx
    data: model.onnx
signature:
  inputs: '[{"name": "pixels", "type": "tensor", "tensor-spec": {"dtype": "uint8", "shape": [-1, 28, 28, 1]}}]'
"""

_MLFLOW = """\
pip install mlflow-skinny fastapi uvicorn pandas onnx onnxruntime
mkdir -p served
cp {file} served/model.onnx
cat > served/MLmodel <<'END'
{mlmodel}END
mlflow models serve --model-uri served --env-manager local --port {port}
"""

_TENSORFLOW_SERVING = """\
unzip {file}
docker run --rm -p {port}:8501 -v "$PWD/{stem}:/models/garments/1" -e MODEL_NAME=garments tensorflow/serving
"""

_CALL = '''\
import json
from urllib.request import Request, urlopen

import numpy as np
from PIL import Image

CLASSES = {classes}


def ask(images):
    """Return probabilities (n, 10) for images (n, 28, 28), 0 to 255, bright garments on black."""
    content = json.dumps({{"instances": images[..., None].tolist()}}).encode()
    request = Request("{address}", content, {{"Content-Type": "application/json"}})
    with urlopen(request) as reply:
        answers = json.load(reply)["predictions"]
    return np.array(answers["probabilities"] if isinstance(answers, dict) else answers)


image = np.array(Image.open("garment.png").convert("L").resize((28, 28)))
(probabilities,) = ask(image[None])
print(f"{{CLASSES[probabilities.argmax()]}}, {{probabilities.max():.1%}}")
'''


@dataclass(frozen=True)
class Server:
    """A server that exists.

    Attributes:
        title: what it is called.
        format: key of `formats.FORMATS` that it serves.
        note: what is to be known before.
        commands: for a shell, with places for the file's name.
        address: where it is asked, once it runs on this machine.
        port: on which it listens then.
    """

    title: str
    format: str
    note: str
    commands: str
    address: str
    port: int


SERVERS: Mapping[str, Server] = {
    "mlflow": Server(
        "MLflow (ONNX)",
        "onnx",
        "A server in Python; best in a virtual environment of its own. The lab's tests start it and ask it as below.",
        _MLFLOW,
        "http://127.0.0.1:{port}/invocations",
        5001,
    ),
    "tensorflow-serving": Server(
        "TensorFlow Serving (SavedModel)",
        "saved_model",
        "Google's own server, in a container; it needs Docker. The lab's tests ask the SavedModel by the signature "
        "that this server asks for; the container itself they do not start.",
        _TENSORFLOW_SERVING,
        "http://127.0.0.1:{port}/v1/models/garments:predict",
        8601,
    ),
}


def write_commands(run: Run, server: str, port: int | None = None) -> str:
    """Return the commands that start a server with the exported file of a run in the working folder.

    Args:
        run: the run.
        server: key of `SERVERS`.
        port: where it is to listen; its own by default.
    """
    found = SERVERS[server]
    file = suggest_name(run, found.format)
    return found.commands.format(file=file, stem=file.removesuffix(".zip"), port=port or found.port, mlmodel=_MLMODEL)


def write_call(server: str, port: int | None = None) -> str:
    """Return Python code that asks a server about `garment.png` and prints its answer.

    Args:
        server: key of `SERVERS`.
        port: where it listens; its own by default.
    """
    found = SERVERS[server]
    names = [f'"{name}"' for name in CLASS_NAMES]
    lines = (", ".join(names[start : start + 5]) for start in (0, 5))
    classes = "".join(f"    {line},\n" for line in lines)
    return _CALL.format(address=found.address.format(port=port or found.port), classes=f"[\n{classes}]")
