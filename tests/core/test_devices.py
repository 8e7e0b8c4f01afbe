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
        assert rest.endswith(f", {os.cpu_count()} cores")
        assert len(rest) > len(f", {os.cpu_count()} cores")
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
