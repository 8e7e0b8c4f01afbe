import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from fmnist_core import devices

ROOT = Path(__file__).parents[2]


def test_the_device_is_named_as_people_name_it():
    name = devices.describe()
    kind, _, rest = name.partition(" ")
    gpus = devices.list_gpus()
    if gpus:
        assert (kind, rest) == ("GPU", gpus[0])
    else:
        assert kind == "CPU"
        n_cores = len(os.sched_getaffinity(0))
        assert rest.endswith(f", {n_cores} core{'' if n_cores == 1 else 's'}")
        assert len(rest) > len(f", {n_cores} cores")
    assert "\n" not in name


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="XLA is slow on CPUs with TensorFlow only")
def test_on_a_processor_tensorflow_s_own_convolutions_are_taken():
    assert devices.compiles_well() is (False if not devices.list_gpus() else "auto")


@pytest.mark.parametrize("chosen", [None, "false"])
def test_backends_are_told_to_take_memory_as_they_need_it_unless_the_user_says_otherwise(chosen):
    names = ("TF_FORCE_GPU_ALLOW_GROWTH", "XLA_PYTHON_CLIENT_PREALLOCATE")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    if chosen is not None:
        environment |= dict.fromkeys(names, chosen)
    code = f"import os, fmnist_core; print(*(os.environ[name] for name in {names}))"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == ([chosen, chosen] if chosen else ["true", "false"])


WHOLE = """GPU 0: NVIDIA H200 (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
GPU 1: NVIDIA H200 (UUID: GPU-0b1f4d4e-1111-2222-3333-444455556666)
"""
IN_PARTS = """GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa)
  MIG 3g.20gb     Device  0: (UUID: MIG-bbbb)
  MIG 1c.2g.10gb  Device  1: (UUID: MIG-GPU-aaaa/4/0)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-cccc)
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (WHOLE, ["GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77", "GPU-0b1f4d4e-1111-2222-3333-444455556666"]),
        (IN_PARTS, ["MIG-bbbb", "MIG-GPU-aaaa/4/0", "GPU-cccc"]),
        ("No devices found.\n", []),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", []),
        ("GPU 0: Unable to determine the device handle\n", []),
        ("", []),
    ],
)
def test_gpus_are_read_from_what_the_driver_lists(text, names):
    assert devices.parse_gpu_list(text) == names


@pytest.mark.parametrize(
    ("allowed", "names"), [("", []), ("-1", []), ("1", ["1"]), ("0, 2", ["0", "2"]), ("GPU-aaaa", ["GPU-aaaa"])]
)
def test_only_gpus_that_the_user_allows_are_found(monkeypatch, allowed, names):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)
    assert devices.find_gpus() == names


def test_without_a_driver_to_ask_there_is_no_gpu(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert devices.find_gpus() == []


def test_the_driver_is_asked_for_its_gpus(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text(f'#!/bin/sh\n[ "$1" = -L ] && cat <<END\n{WHOLE}END\n')
    program.chmod(0o755)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert devices.find_gpus() == devices.parse_gpu_list(WHOLE)


def test_only_a_gpu_has_memory_of_its_own():
    used = devices.measure_memory()
    assert (used is not None and used >= 0) if devices.list_gpus() else used is None
