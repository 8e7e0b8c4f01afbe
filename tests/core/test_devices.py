import os

import keras
import numpy as np
import pytest

from fmnist_core import devices


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


def test_a_device_that_computes_already_can_be_made_ready():
    # A worker trains one run after the other, and the command line starts the backend early.
    assert float(keras.ops.convert_to_numpy(keras.ops.sum(np.ones(3)))) == 3
    devices.prepare()
    devices.prepare()
