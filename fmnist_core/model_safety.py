"""Look into a `.keras` file from elsewhere before Keras does: whether loading it could run anything but arithmetic.

A `.keras` file is a zip of a JSON text that names the classes to build, and of an HDF5 file with their weights. Keras's
safe mode refuses code that lies in the file; it still imports modules that the text names, and some of its own layers
open files or load libraries. So every class that the text names, at any depth, must be on the list below, by module and
name; and the weights must be plain numbers in the file itself, for HDF5 can point into other files.

Nothing here imports Keras, and nothing of the file is executed.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fmnist_core.archives import open_archive, read_member
from fmnist_core.errors import RefusedFileError

# A ResNet50 in half as many bytes again as its weights take.
MOST_BYTES = 200_000_000
MOST_WEIGHT_BYTES = 400_000_000
_CAPS = {"metadata.json": 100_000, "config.json": 5_000_000, "model.weights.h5": MOST_WEIGHT_BYTES}
_MOST_ENTRIES = 400_000
_MOST_OBJECTS = 20_000
# What a layer may be called: names are shown on pages, and stand in paths inside the weights.
_MOST_NAME = 200

_LAYERS = """
    Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average AveragePooling1D
    AveragePooling2D AveragePooling3D BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate Conv1D
    Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D Cropping1D Cropping2D Cropping3D
    Dense DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU EinsumDense Embedding Flatten GRU GRUCell GaussianDropout
    GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D
    GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention Identity InputLayer LSTM LSTMCell
    LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum MultiHeadAttention
    Multiply Normalization PReLU Permute RMSNormalization RNN RandomBrightness RandomContrast RandomCrop RandomErasing
    RandomFlip RandomRotation RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing
    SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D
    SpectralNormalization StackedRNNCells Subtract TimeDistributed UnitNormalization UpSampling1D UpSampling2D
    UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""
_OPERATIONS = "Add Subtract Multiply Divide TrueDivide Maximum Minimum Reshape ExpandDims Squeeze Mean Max Transpose"

# Keras's own classes by the module that the text names them with.
ALLOWED: dict[str, frozenset[str]] = {
    module: frozenset(names.split())
    for module, names in {
        "keras": "Sequential DTypePolicy",
        "keras.src.models.functional": "Functional",
        "keras.layers": _LAYERS,
        "keras.src.ops.numpy": _OPERATIONS,
        "keras.initializers": "Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal "
        "LecunUniform Ones Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros",
        "keras.regularizers": "L1 L1L2 L2 OrthogonalRegularizer",
        "keras.constraints": "MaxNorm MinMaxNorm NonNeg UnitNorm",
        "keras.optimizers": "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer Muon Nadam "
        "RMSprop SGD",
        "keras.optimizers.schedules": "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay "
        "PiecewiseConstantDecay PolynomialDecay",
        "keras.losses": "BinaryCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy KLDivergence "
        "MeanAbsoluteError MeanSquaredError SparseCategoricalCrossentropy",
        "keras.metrics": "AUC Accuracy CategoricalAccuracy CategoricalCrossentropy F1Score Mean Precision Recall "
        "SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy TopKCategoricalAccuracy",
    }.items()
}
# The lab's own, which Keras finds by the name that they are registered with.
OWN = {
    ("fmnist_core.kernels", "FusedBatchNormalization"): "fmnist_core>FusedBatchNormalization",
    ("fmnist_core.kernels", "FusedAdam"): "fmnist_core>FusedAdam",
    ("fmnist_core.kernels", "FusedAdamW"): "fmnist_core>FusedAdamW",
    ("fmnist_core.optimizers", "ScheduledRate"): "fmnist_core>ScheduledRate",
}
# What stands for the output of a layer where a network branches.
_TENSOR = "__keras_tensor__"

_WAY_OUT = (
    "Build the network of Keras's own layers and save it with "
    "`keras.Model(model.inputs, model.outputs).save('model.keras')`, which leaves the training out."
)


def check_model_file(path: Path) -> None:
    """Check the outside of a `.keras` file and every class that it names; `check_weights` looks at the rest.

    Raises:
        RefusedFileError: if it is no `.keras` file, is too large, or names a class that is not allowed.
    """
    with open_archive(path, MOST_BYTES) as archive:
        _check_members(archive)
        text = read_member(archive, "config.json", _CAPS["config.json"])
    try:
        config = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RefusedFileError("The network's config.json must be JSON. Received: a damaged one.") from None
    for entry in _walk(config):
        _check_entry(entry)
    if not isinstance(config, dict) or config.get("class_name") not in ("Sequential", "Functional"):
        raise RefusedFileError(f"The file must hold a Sequential or functional network. {_WAY_OUT}")


def _check_members(archive: zipfile.ZipFile) -> None:
    sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if not {"config.json", "model.weights.h5"} <= sizes.keys():
        raise RefusedFileError(
            "A `.keras` file must hold config.json and model.weights.h5, as Keras 3 writes them. "
            f"Received: {', '.join(sorted(sizes))!a:.120}."
        )
    for name, size in sizes.items():
        if name not in _CAPS:
            raise RefusedFileError(f"A `.keras` file must hold a network and nothing else. Received: {name!a:.80}.")
        if size > _CAPS[name]:
            raise RefusedFileError(f"{name} must take at most {_CAPS[name]:,} bytes. Received: {size:,}.")


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping in a value, however deep."""
    waiting, seen = [value], 0
    while waiting:
        entry = waiting.pop()
        seen += 1
        if seen > _MOST_ENTRIES:
            raise RefusedFileError(f"The network's config.json must have at most {_MOST_ENTRIES:,} entries.")
        if isinstance(entry, dict):
            yield entry
            waiting += entry.values()
        elif isinstance(entry, list):
            waiting += entry


def _check_entry(entry: dict[str, Any]) -> None:
    """Refuse a mapping that names a class, function or module that is not allowed, or a layer by an odd name."""
    name = entry.get("name")
    if name is not None and not _is_name(name):
        raise RefusedFileError(
            "A layer's name must be of letters, digits and _ . / - > and spaces. "
            f"Received: {name!a:.80}. Rename it and save the network again."
        )
    if not {"class_name", "module", "registered_name"} & entry.keys() or _is_tensor(entry):
        return
    module, class_name, registered = entry.get("module"), entry.get("class_name"), entry.get("registered_name")
    known = False
    if isinstance(module, str) and isinstance(class_name, str) and isinstance(entry.get("config"), dict):
        is_keras = class_name in ALLOWED.get(module, ()) and registered in (None, class_name)
        known = is_keras or (registered is not None and OWN.get((module, class_name)) == registered)
    if not known:
        said = ".".join(str(part) for part in (module, class_name) if part is not None)
        raise RefusedFileError(
            "The network must be made of Keras's own layers and nothing that could run code or open files. "
            f"Received: {said!a:.120}. {_WAY_OUT}"
        )


def _is_tensor(entry: dict[str, Any]) -> bool:
    return entry.get("class_name") == _TENSOR and entry.keys() <= {"class_name", "config"}


def _is_name(name: Any) -> bool:
    return (
        isinstance(name, str)
        and len(name) <= _MOST_NAME
        and all(character.isascii() and (character.isalnum() or character in "_./->: ") for character in name)
    )


def check_weights(path: Path) -> None:
    """Check the weights in a `.keras` file whose outside has been checked: numbers of known size, all in the file.

    Raises:
        RefusedFileError: if they are damaged, too large, or point outside of the file.
    """
    import h5py

    with open_archive(path, MOST_BYTES) as archive:
        content = io.BytesIO(read_member(archive, "model.weights.h5", MOST_WEIGHT_BYTES))
    try:
        with h5py.File(content, "r") as file:
            _check_groups(file)
    except RefusedFileError:
        raise
    except Exception:  # HDF5 has an error of its own for each of a hundred ways to be damaged
        raise RefusedFileError("The network's weights must be whole. Received: a damaged file.") from None


def _check_groups(file: Any) -> None:
    import h5py

    waiting, total = [file], 0
    seen: set[int] = set()
    while waiting:
        group = waiting.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise RefusedFileError(
                    f"The network's weights must lie in the file itself. Received: a link, {name!a:.80}."
                )
            found = group[name]
            address = h5py.h5o.get_info(found.id).addr
            if address in seen or len(seen) > _MOST_OBJECTS:
                raise RefusedFileError("The network's weights must be a tree of arrays. Received: loops, or too many.")
            seen.add(address)
            if isinstance(found, h5py.Group):
                waiting.append(found)
                continue
            total += _measure_array(found, name)
            if total > MOST_WEIGHT_BYTES:
                raise RefusedFileError(f"The weights must take at most {MOST_WEIGHT_BYTES:,} bytes. Received: more.")


def _measure_array(found: Any, name: str) -> int:
    """Return how many bytes an array of the weights takes; refuse what is no array of numbers in the file."""
    import h5py

    if not isinstance(found, h5py.Dataset):
        raise RefusedFileError(f"The network's weights must be arrays. Received: {name!a:.80}.")
    made = found.id.get_create_plist()
    outside = made.get_external_count() or made.get_layout() == h5py.h5d.VIRTUAL
    filters = {made.get_filter(position)[0] for position in range(made.get_nfilters())}
    plain = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
    if outside or filters - plain or found.dtype.kind not in "fiub" or found.dtype.subdtype is not None:
        raise RefusedFileError(
            f"The network's weights must be plain numbers that lie in the file itself. Received: {name!a:.80}."
        )
    return int(found.size) * found.dtype.itemsize
