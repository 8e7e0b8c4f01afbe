"""The hardware that trains: the one place that asks the three Keras backends about it."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe() -> str:
    """Name the device that a training runs on, for example "GPU NVIDIA H200" or "CPU AMD EPYC, 2 cores"."""
    gpus = list_gpus()
    if gpus:
        return f"GPU {gpus[0]}"
    return describe_processor()


def describe_processor() -> str:
    """Name the processor, on which everything computes that knows no GPU, for example "CPU AMD EPYC, 2 cores"."""
    return f"CPU {_processor_name()}, {os.cpu_count()} cores"


def list_gpus() -> list[str]:
    """Return the names of the GPUs that the current Keras backend can use."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return [
            tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
            for gpu in tf.config.list_physical_devices("GPU")
        ]
    if backend == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform == "gpu"]
    import torch

    return [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]


def find_gpus() -> list[str]:
    """Return what CUDA_VISIBLE_DEVICES calls each GPU that a worker may use, without loading Keras.

    Empty where there is none, or no driver of NVIDIA's to ask.
    """
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return [name.strip() for name in allowed.split(",") if name.strip() not in ("", "-1", "NoDevFiles")]
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_gpu_list(done.stdout)


def parse_gpu_list(text: str) -> list[str]:
    """Return the names of the GPUs that `nvidia-smi -L` lists; of one that is cut into parts, those of its parts."""
    found: list[list[str]] = []
    for line in text.splitlines():
        name = re.search(r"\(UUID: ([\w./-]+)\)", line)
        if line.startswith("GPU "):
            found.append([])
        if name and found:
            found[-1].append(name[1])
    return [name for gpu, *parts in filter(None, found) for name in parts or [gpu]]


def compiles_well() -> bool | str:
    """Tell whether compiling with XLA pays: Keras's own choice, except on a CPU with TensorFlow.

    There XLA's convolutions run at about half the speed of TensorFlow's own.
    """
    import keras

    if keras.backend.backend() == "tensorflow" and not list_gpus():
        return False
    return "auto"


def _processor_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
