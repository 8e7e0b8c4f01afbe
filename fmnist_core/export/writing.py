"""A plain network written in the formats of other runtimes. What is TensorFlow's alone stands here."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.export.formats import ExportError
from fmnist_core.export.plain import prepare_for_int8
from fmnist_core.storage import written_whole


def write_keras(network: keras.Model, path: Path) -> None:
    """Write `.keras`."""
    with written_whole(path, suffix=".keras") as temporary:
        network.save(temporary)


def write_saved_model(network: keras.Model, path: Path) -> None:
    """Write a SavedModel: a folder, or that folder in a zip if the path ends like one.

    Its signature `serving_default` is the one that TensorFlow Serving asks for: uint8 pixels in, float32
    probabilities out, any number of images.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / path.stem
        _export(network, folder, "tf_saved_model")
        if path.suffix == ".zip":
            with written_whole(path, suffix=".zip") as temporary:
                zipped = shutil.make_archive(str(Path(scratch) / "zipped"), "zip", scratch, path.stem)
                shutil.move(zipped, temporary)
        else:
            shutil.copytree(folder, path, dirs_exist_ok=True)


def write_onnx(network: keras.Model, path: Path) -> None:
    """Write ONNX, for any number of images: "pixels" uint8 in, "probabilities" float32 out."""
    import onnx

    with written_whole(path, suffix=".onnx") as temporary:
        _export(network, temporary, "onnx")
        model = onnx.load(temporary)
        _name_ends(model.graph)
        onnx.save(model, temporary)


def _name_ends(graph: Any) -> None:
    """Name what comes out, and the number of images, as people would; the converter numbers them."""
    (taken,), (given,) = graph.input, graph.output
    for node in graph.node:
        node.output[:] = ["probabilities" if name == given.name else name for name in node.output]
    given.name = "probabilities"
    for end in (taken, given):
        end.type.tensor_type.shape.dim[0].dim_param = "images"


def write_litert(network: keras.Model, path: Path) -> None:
    """Write LiteRT in float32; the number of images may be changed when it is loaded."""
    with written_whole(path, suffix=".tflite") as temporary:
        temporary.write_bytes(_convert(network))


def write_litert_int8(network: keras.Model, path: Path, images: NDArray[np.uint8]) -> None:
    """Write LiteRT with all arithmetic in whole numbers of 8 bits: pixels uint8 in, probabilities in 256ths out.

    Args:
        network: it takes raw pixels.
        path: where to.
        images: training items that show which values occur between the layers, (n, 28, 28) uint8.
    """
    import tensorflow as tf

    def show_images() -> Iterator[list[Any]]:
        # Both ends of the range, so that a pixel is its own whole number.
        for image in (*images, np.zeros_like(images[0]), np.full_like(images[0], 255)):
            yield [image[np.newaxis, ..., np.newaxis].astype(np.float32)]

    content = _convert(
        prepare_for_int8(network),
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=show_images,
        inference_input_type=tf.uint8,
        inference_output_type=tf.uint8,
        supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8],
    )
    with written_whole(path, suffix=".tflite") as temporary:
        temporary.write_bytes(content)


def check_backend() -> None:
    """Raise ExportError unless Keras runs on TensorFlow, whose converters write these formats."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise ExportError(
            f"Keras must run on TensorFlow to write this format: set KERAS_BACKEND=tensorflow. Received: {backend}."
        )


def _export(network: keras.Model, path: Path, kind: str) -> None:
    check_backend()
    with _without_warnings():
        network.export(path, format=kind, verbose=False)


def _convert(network: keras.Model, supported_ops: Any = None, **settings: Any) -> bytes:
    check_backend()
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as scratch, _without_warnings():
        network.export(scratch, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(scratch)
        # LiteRT's own operations alone: what needs TensorFlow beside it runs on no phone.
        converter.target_spec.supported_ops = supported_ops or [tf.lite.OpsSet.TFLITE_BUILTINS]
        for name, value in settings.items():
            setattr(converter, name, value)
        return converter.convert()


@contextmanager
def _without_warnings() -> Iterator[None]:
    # Of what the converters are about to change, which is nothing that a user could.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
