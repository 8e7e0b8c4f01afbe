"""Files loaded again, each in its own runtime, and asked: images (n, 28, 28) uint8 to probabilities (n, 10)."""

import zipfile
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from fmnist_core.export.formats import ExportError
from fmnist_core.export.plain import find_foreign_classes

Images = NDArray[np.uint8]
Probabilities = NDArray[np.float32]


def name_runtime(name: str, package: str) -> str:
    """Return a runtime with its version."""
    return f"{name} {metadata.version(package)}"


def ask_keras(path: Path, images: Images) -> Probabilities:
    """Load a `.keras` file in safe mode and ask it.

    Raises:
        ExportError: if it holds what Keras alone could not load.
    """
    import keras

    foreign = find_foreign_classes(path)
    if foreign:
        raise ExportError(f"The file must hold nothing but Keras's own layers. Received: {', '.join(foreign)}.")
    network = keras.saving.load_model(path, compile=False, safe_mode=True)
    return keras.ops.convert_to_numpy(network.predict_on_batch(images[..., np.newaxis]))


def ask_saved_model(path: Path, images: Images) -> Probabilities:
    """Load a SavedModel, a folder or the only one in a zip, and ask the signature that servers ask."""
    import tensorflow as tf

    with TemporaryDirectory() as scratch:
        folder = path
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                archive.extractall(scratch)
            folder = next(Path(scratch).iterdir())
        signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
        (name,) = signature.structured_input_signature[1]
        (answers,) = signature(**{name: tf.constant(images[..., np.newaxis])}).values()
        return answers.numpy()


def ask_litert(path: Path, images: Images) -> Probabilities:
    """Load a LiteRT file and ask it, all images at once; answers in whole numbers are read as they are meant."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(taken["index"], (*images.shape, 1))
    interpreter.allocate_tensors()
    interpreter.set_tensor(taken["index"], images[..., np.newaxis].astype(taken["dtype"]))
    interpreter.invoke()
    answers = interpreter.get_tensor(given["index"])
    scale, zero = given["quantization"]
    return (answers.astype(np.float32) - zero) * np.float32(scale) if scale else answers


def ask_onnx(path: Path, images: Images) -> Probabilities:
    """Load an ONNX file in ONNX Runtime and ask it."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    (answers,) = session.run(None, {taken.name: images[..., np.newaxis]})
    return answers
