"""Every network as a stack: the layers between the raw pixels and the ten probabilities, as data.

What stands around a stack is the same for all: scaling of the pixels to [0, 1] before it, a 10-way softmax
after it. A stack reads like the paper it is from; `kinds` says which layers there are.
"""

from dataclasses import dataclass, field
from typing import Any

from fmnist_core.errors import InvalidSettingError


@dataclass(frozen=True)
class Layer:
    """One layer: its kind, a key of `kinds.KINDS`, and the arguments that differ from the defaults."""

    class_name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.class_name}({arguments})"


Stack = tuple[Layer, ...]

MOST_LAYERS = 200


def read_stack(entries: Any) -> Stack:
    """Make a stack of layers, or of what JSON has made of them: {"class_name": …, "arguments": {…}} each.

    Whether the layers fit together is `shapes.summarize`'s business.

    Raises:
        InvalidSettingError: if it is no list of such entries, or has more than `MOST_LAYERS`.
    """
    if not isinstance(entries, list | tuple) or len(entries) > MOST_LAYERS:
        raise InvalidSettingError(
            f"`layers` must be a list of at most {MOST_LAYERS} layers. Received: {entries!r:.80}."
        )
    return tuple(_read_layer(entry) for entry in entries)


def _read_layer(entry: Any) -> Layer:
    if isinstance(entry, Layer):
        return entry
    match entry:
        case {"class_name": str(class_name), "arguments": dict(arguments), **rest} if not rest:
            # JSON knows no tuples.
            pairs = {name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()}
            return Layer(class_name, pairs)
    raise InvalidSettingError(f"A layer must have a `class_name` and `arguments`, no more. Received: {entry!r:.80}.")


def conv(filters: int, kernel_size: int, padding: str = "valid", **arguments: Any) -> Layer:
    """Return a convolution with stride 1 and ReLU, unless `arguments` say otherwise; activation=None for none."""
    padded = {} if padding == "valid" else {"padding": padding}
    given = {"filters": filters, "kernel_size": kernel_size, **padded, "activation": "relu", **arguments}
    return Layer("Conv2D", {name: value for name, value in given.items() if value is not None})


def pool(padding: str = "valid") -> Layer:
    """Return max-pooling over 2×2."""
    return Layer("MaxPooling2D", {} if padding == "valid" else {"padding": padding})


def dense(units: int) -> Layer:
    """Return a dense layer with ReLU."""
    return Layer("Dense", {"units": units, "activation": "relu"})


def dropout(rate: float) -> Layer:
    """Return dropout of a share `rate` of its inputs."""
    return Layer("Dropout", {"rate": rate})


def residual(filters: int, strides: int = 1, dropout: float = 0.0) -> Layer:
    """Return a pre-activation residual block of two convolutions 3×3, as `blocks.residual` builds it."""
    given = {"strides": (strides, 1), "dropout": (dropout, 0.0)}
    changed = {name: value for name, (value, default) in given.items() if value != default}
    return Layer("Residual", {"filters": filters, **changed})


FLATTEN = Layer("Flatten")
BATCH_NORMALIZATION = Layer("BatchNormalization")
RELU = Layer("ReLU")
AVERAGE = Layer("GlobalAveragePooling2D")
# What PyTorch prints as eps=1e-05, momentum=0.1: it counts momentum from the other end.
TORCH_NORMALIZATION = Layer("BatchNormalization", {"momentum": 0.9, "epsilon": 1e-5})


def _fitch(
    filters: tuple[int, ...], units: tuple[int, ...], rates: tuple[float, ...] = (), normalized: bool = False
) -> Stack:
    """Convolutions 3×3 with a pool after the first and the second; dropout follows the dense layers in order."""
    layers: list[Layer] = []
    for position, number in enumerate(filters):
        layers += [conv(number, 3), *([BATCH_NORMALIZATION] if normalized else []), *([pool()] if position < 2 else [])]
    layers.append(FLATTEN)
    for position, number in enumerate(units):
        layers += [dense(number), *(dropout(rate) for rate in rates[position : position + 1])]
    return tuple(layers)


def _mcnn(*filters: int) -> Stack:
    blocks = [(conv(number, 3, "same"), BATCH_NORMALIZATION, pool("same"), dropout(0.25)) for number in filters]
    return (*(layer for block in blocks for layer in block), FLATTEN, dense(512), BATCH_NORMALIZATION)


def _street(filters: tuple[int, ...]) -> Stack:
    """What is finest, folds and knitting, differs most between photographs and the data: it is smoothed away first."""
    smoothing = Layer("AveragePooling2D", {"pool_size": 3, "strides": 1, "padding": "same"})
    blocks = [(conv(number, 3, "same", activation=None), BATCH_NORMALIZATION, RELU, pool("same")) for number in filters]
    return (smoothing, *(layer for block in blocks for layer in block), FLATTEN, dropout(0.3), dense(256), dropout(0.2))


def _pooled_first(*filters: int) -> Stack:
    """Pool each convolution's maps before they are normalised: that leaves a quarter of the values to go through."""
    convolutions = [conv(number, 3, "same", activation=None, use_bias=False) for number in filters]
    blocks = [(convolution, pool("same"), BATCH_NORMALIZATION, RELU) for convolution in convolutions]
    return tuple(layer for block in blocks for layer in block)


def _four_convolutions() -> Stack:
    """Three of them pooled first, and one between that keeps its size, where maps are small but still have shapes."""
    between = (conv(128, 3, "same", activation=None, use_bias=False), BATCH_NORMALIZATION, RELU)
    return (*_pooled_first(48, 96), *between, *_pooled_first(192), FLATTEN, dropout(0.4), dense(128))


def _pooled_residual_net(filters: int, more: int = 0) -> Stack:
    """Residual blocks on maps that were halved before: on a processor nearly all time goes into the largest.

    One block works at 14×14; then one, and `more` after it, at 7×7.
    """
    first = (conv(filters, 3, "same", activation=None, use_bias=False), pool("same"))
    last = (residual(4 * filters, 2), *more * (residual(4 * filters),))
    return (*first, residual(2 * filters), *last, BATCH_NORMALIZATION, RELU, AVERAGE)


def _enlarged(network: str) -> Stack:
    """A network made for photographs; it takes three channels and at least 32×32."""
    grown = (Layer("ZeroPadding2D", {"padding": 2}), Layer("RepeatChannels", {"times": 3}))
    return (*grown, Layer("Backbone", {"network": network}), AVERAGE)


def _silwimba_1(filters: tuple[int, int], units: tuple[int, int, int], rate: float) -> Stack:
    first, second = filters
    convolutions = (conv(first, 5), pool(), conv(second, 5), pool())
    return (*convolutions, FLATTEN, dense(units[0]), dropout(rate), dense(units[1]), dense(units[2]))


def _silwimba_2(filters: tuple[int, int], units: int, rate: float) -> Stack:
    first, second = filters
    return (
        *(conv(first, 3, "same", activation=None), TORCH_NORMALIZATION, RELU, pool()),
        *(conv(second, 5, "same", activation=None), TORCH_NORMALIZATION, RELU, pool()),
        *(FLATTEN, dense(units), dropout(rate)),
    )


def _residual_net(widths: tuple[int, ...], blocks: int, rate: float = 0.0) -> Stack:
    """A wide residual network: stages of blocks, each stage but the first begins by halving the maps."""
    layers = [conv(widths[0], 3, "same", activation=None, use_bias=False)]
    for stage, width in enumerate(widths):
        for block in range(blocks):
            layers.append(residual(width, 2 if stage > 0 and block == 0 else 1, rate))
    return (*layers, BATCH_NORMALIZATION, RELU, AVERAGE)


# By trial: filters, dense units, dropout.
_NETWORK_1 = (
    ((32, 64), (512, 256, 128), 0.3),
    ((40, 80), (640, 320, 160), 0.5),
    ((48, 88), (704, 352, 176), 0.4),
    ((16, 96), (768, 384, 192), 0.2),
    ((64, 104), (832, 416, 208), 0.25),
    ((72, 112), (896, 448, 224), 0.5),
    ((80, 120), (960, 480, 240), 0.5),
)
_NETWORK_2 = (
    ((4, 16), 392, 0.5),
    ((4, 16), 392, 0.5),
    ((8, 24), 588, 0.4),
    ((16, 32), 784, 0.2),
    ((24, 40), 980, 0.1),
    ((48, 72), 448, 0.5),
    ((56, 80), 512, 0.5),
)

STACKS: dict[str, Stack] = {
    "threads/ann": (FLATTEN, dense(64), dense(128)),
    "threads/model-1": (conv(32, 4), pool(), FLATTEN, dense(128)),
    # The same function as model-1: [1, 1] is the default. Kept as the paper writes it.
    "threads/model-2": (conv(32, 4, strides=[1, 1]), pool(), FLATTEN, dense(128)),
    "threads/model-3": (conv(32, 4), pool(), conv(64, 4), pool(), FLATTEN, dense(128), dropout(0.2)),
    "conquering/cnn": (conv(32, 3), pool(), conv(64, 3), pool(), FLATTEN, dense(128), dropout(0.5)),
    "fitch/model-1": _fitch((32, 64, 64), (64,)),
    # Model 3 is the same network, trained for longer.
    "fitch/model-2": _fitch((32, 64, 128), (128, 64), (0.5,)),
    # Model 5 is the same network on augmented items.
    "fitch/model-4": _fitch((32, 64, 128), (256, 128), (0.4, 0.3), normalized=True),
    "fitch/model-6": _fitch((64, 128, 256), (512, 256), (0.4, 0.3), normalized=True),
    "fitch/model-7": _fitch((64, 128, 256), (256, 128), (0.5,)),
    "fitch/model-8": _fitch((), (256,)),
    "mcnn/proposed": _mcnn(32, 32, 64, 64, 128),
    "mcnn/resnet50": _enlarged("ResNet50"),
    "mcnn/vgg16": _enlarged("VGG16"),
    **{f"silwimba/network-1-trial-{number}": _silwimba_1(*trial) for number, trial in enumerate(_NETWORK_1, 1)},
    **{f"silwimba/network-2-trial-{number}": _silwimba_2(*trial) for number, trial in enumerate(_NETWORK_2, 1)},
    "lab/quick": (*_pooled_first(32, 64, 128), FLATTEN, dropout(0.3), dense(128)),
    "lab/ten-minutes": _four_convolutions(),
    "lab/half-hour": _pooled_residual_net(32),
    "lab/afternoon": _pooled_residual_net(48, more=1),
    "lab/street": _street((32, 64, 96, 128)),
    "lab/small": _residual_net((16, 32, 64), 3),
    "lab/wide": _residual_net((64, 128, 256), 2, 0.1),
}
