"""The same network in PyTorch, fitted by the loop that its tutorials teach; for comparison alone.

`python -m tests.bench.torch_loop SETTINGS`, with the settings as JSON, prints when each epoch was over: TensorFlow and
PyTorch do not bear each other in one process.
"""

import json
import subprocess
import sys
import time
from typing import Any


def fit_apart(config) -> list[float]:
    """Return what `fit` does, in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.torch_loop", json.dumps(config.to_dict())]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def fit(config) -> list[float]:
    """Train `config` on the processor or the GPU and return when each epoch, validation included, was over."""
    import torch

    from fmnist_core.config import choose_items
    from fmnist_core.data import load_dataset

    dataset = load_dataset()
    split = choose_items(config, dataset.labels)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(config.seed)

    def load(items) -> tuple[Any, Any]:
        images = torch.from_numpy((dataset.images[items][:, None] / 255).astype("float32"))
        return images.to(device), torch.from_numpy(dataset.labels[items].astype("int64")).to(device)

    images, labels = load(split.train)
    validation_images, validation_labels = load(split.validation)
    network = _build(config).to(device)
    with torch.no_grad():
        network(images[:2])  # lazy layers find out what they are given
    optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate, eps=1e-7)
    moments = []
    for _ in range(config.epochs):
        network.train()
        for batch in torch.randperm(len(images), device=device).split(config.batch_size):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            answers = torch.cat([network(part).argmax(1) for part in validation_images.split(500)])
            float((answers == validation_labels).float().mean())
        moments.append(time.perf_counter())
    return moments


def _build(config) -> Any:
    from torch import nn

    layers: list[Any] = []
    for layer in config.stack:
        is_flat = any(isinstance(part, nn.Flatten) for part in layers)
        layers += _translate(layer.class_name, layer.arguments, is_flat)
    return nn.Sequential(*layers, nn.LazyLinear(10))


def _translate(class_name: str, arguments: dict[str, Any], is_flat: bool) -> list[Any]:
    from torch import nn

    activation = [nn.ReLU()] if arguments.get("activation") == "relu" else []
    match class_name:
        case "Conv2D":
            padding = arguments.get("padding", "valid")
            return [nn.LazyConv2d(arguments["filters"], arguments["kernel_size"], padding=padding), *activation]
        case "MaxPooling2D":
            return [nn.MaxPool2d(2, ceil_mode=arguments.get("padding") == "same")]
        case "BatchNormalization":
            return [nn.LazyBatchNorm1d() if is_flat else nn.LazyBatchNorm2d()]
        case "Dropout":
            return [nn.Dropout(arguments["rate"])]
        case "Flatten":
            return [nn.Flatten()]
        case "Dense":
            return [nn.LazyLinear(arguments["units"]), *activation]
    raise ValueError(class_name)


if __name__ == "__main__":
    from fmnist_core.config import TrainingConfig

    print(json.dumps(fit(TrainingConfig.from_dict(json.loads(sys.argv[1])))))
