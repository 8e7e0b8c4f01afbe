"""The hardware that trains: the one place that asks the three Keras backends about it."""

import os
import platform
import re
import subprocess
from pathlib import Path

_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}
_AMPERE = 8  # NVIDIA's first compute capability with bfloat16


def describe() -> str:
    """Name the device that a training runs on, for example "GPU NVIDIA H200" or "CPU AMD EPYC, 2 cores"."""
    gpus = list_gpus()
    if gpus:
        return f"GPU {gpus[0]}"
    return describe_processor()


def describe_processor() -> str:
    """Name the processor, on which everything computes that knows no GPU, for example "CPU AMD EPYC, 2 cores"."""
    n_cores = _count_cores()
    return f"CPU {_processor_name()}, {n_cores} core{'' if n_cores == 1 else 's'}"


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


def measure_memory() -> float | None:
    """Return how much of the first GPU's memory this process uses, in MB; None without a GPU that tells."""
    import keras

    if not list_gpus():
        return None
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.config.experimental.get_memory_info("GPU:0")["current"] / 1e6
    if backend == "jax":
        import jax

        used = (jax.local_devices()[0].memory_stats() or {}).get("bytes_in_use")
        return None if used is None else used / 1e6
    import torch

    return torch.cuda.memory_allocated() / 1e6


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


def computes_bfloat16() -> bool:
    """Tell whether the current backend computes in bfloat16 faster than in float32 here.

    It does on NVIDIA's GPUs from Ampere on, and with TensorFlow on processors that have instructions for it.
    """
    import keras

    backend, has_gpu = keras.backend.backend(), bool(list_gpus())
    if backend == "tensorflow" and not has_gpu:
        return bool(_BFLOAT16_FLAGS & set(_read_processor("flags").split()))
    if not has_gpu:
        return False
    if backend == "tensorflow":
        import tensorflow as tf

        gpu = tf.config.list_physical_devices("GPU")[0]
        major, _ = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
    elif backend == "jax":
        import jax

        major = int(str(getattr(jax.devices()[0], "compute_capability", "0")).split(".")[0])
    else:
        import torch

        major, _ = torch.cuda.get_device_capability()
    return major >= _AMPERE


def _count_cores() -> int | None:
    """Return how many cores this process may use, which may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _processor_name() -> str:
    return _read_processor("model name") or platform.processor() or platform.machine()


def _read_processor(entry: str) -> str:
    """Return what Linux says of the first processor, or nothing."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith(entry):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""
