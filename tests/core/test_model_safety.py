"""Files that would do harm: each must be refused before Keras sees it."""

import contextlib
import io
import json
import zipfile
from functools import partial

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core import model_safety, runs
from fmnist_core.errors import FmnistError, RefusedFileError
from fmnist_core.model_safety import check_model_file, check_weights

MODEL = runs.load_run("threads-model-3").path / "model.keras"


@pytest.fixture
def change(change_members):
    """Write the reference network's file with some members changed, added or (None) left out."""

    return partial(change_members, MODEL, "changed.keras")


@pytest.fixture
def change_config(change):
    """Write the reference network's file with its config.json changed by a function."""

    def write(function):
        with zipfile.ZipFile(MODEL) as whole:
            config = json.loads(whole.read("config.json"))
        function(config)
        return change(config__json=json.dumps(config))

    return write


@pytest.fixture
def weights():
    """Write weights into memory with a function of the HDF5 file."""

    def write(function):
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            function(file)
        return stream.getvalue()

    return write


@pytest.mark.parametrize("run_id", ["threads-model-3", "fitch-model-7", "mcnn-proposed", "street"])
def test_the_lab_s_own_networks_pass(run_id):
    path = runs.load_run(run_id).path / "model.keras"
    check_model_file(path)
    check_weights(path)


def test_a_real_lambda_is_refused_and_runs_nothing(tmp_path):
    import keras

    marker, path = tmp_path / "it ran", tmp_path / "lambda.keras"
    layer = keras.layers.Lambda(eval(f"lambda x: (open({str(marker)!r}, 'w').close(), x)[1]"))
    keras.Sequential([keras.Input((28, 28, 1)), layer, keras.layers.Flatten(), keras.layers.Dense(10)]).save(path)
    marker.unlink()  # building it has run it
    keras.saving.load_model(path, safe_mode=False)
    assert marker.exists()  # so would loading it

    marker.unlink()
    with pytest.raises(RefusedFileError, match=r"Keras's own layers and nothing that could run code.*Lambda"):
        check_model_file(path)
    assert not marker.exists()


ATTACKS = {
    "a function of os": {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"},
    "exec": {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "exec"},
    "Popen": {"module": "subprocess", "class_name": "Popen", "config": {"args": "id"}, "registered_name": "Popen"},
    "a lambda": {"class_name": "__lambda__", "config": {"code": "4wAAAA==", "defaults": None, "closure": None}},
    "a type": {"class_name": "__typespec__", "spec_name": "x", "module": "os", "registered_name": "x", "config": []},
    "a saved model": {"module": "keras.layers", "class_name": "TFSMLayer", "config": {}, "registered_name": None},
    "a torch module": {
        "module": "keras.layers",
        "class_name": "TorchModuleWrapper",
        "config": {},
        "registered_name": None,
    },
    "a file reader": {
        "module": "keras.layers",
        "class_name": "StringLookup",
        "config": {"vocabulary": "/etc/passwd"},
        "registered_name": None,
    },
    "a download": {
        "module": "keras.utils",
        "class_name": "function",
        "config": "get_file",
        "registered_name": "get_file",
    },
    "a class of keras.src": {
        "module": "keras.src.layers.core.lambda_layer",
        "class_name": "Lambda",
        "config": {},
        "registered_name": None,
    },
    "registered under another name": {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"units": 10},
        "registered_name": "evil>Thing",
    },
    "registered as the lab's": {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"units": 10},
        "registered_name": "fmnist_core>FusedAdam",
    },
    "the lab's from elsewhere": {
        "module": "evil",
        "class_name": "FusedAdam",
        "config": {},
        "registered_name": "fmnist_core>FusedAdam",
    },
    "another module of the lab": {
        "module": "fmnist_core.jobs",
        "class_name": "FusedAdam",
        "config": {},
        "registered_name": "fmnist_core>FusedAdam",
    },
    "without a module": {"class_name": "Dense", "config": {"units": 10}},
    "a tensor with a module": {"class_name": "__keras_tensor__", "module": "os", "config": {}},
    "a class that is a list": {"class_name": ["Dense"], "module": "keras.layers", "config": {}},
    "a config that is a name": {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": "system",
        "registered_name": None,
    },
    "a module alone": {"module": "os"},
}

PLACES = {
    "a layer": lambda config, attack: config["config"]["layers"].append(attack),
    "an activation": lambda config, attack: config["config"]["layers"][-1]["config"].update(activation=attack),
    "deep in a list": lambda config, attack: config["config"]["layers"][-1]["config"].update(
        kernel_initializer={"a": [[[{"b": [attack]}]]]}
    ),
    "where it was built": lambda config, attack: config["config"]["layers"][1].update(build_config={"x": attack}),
    "where it was compiled": lambda config, attack: config.update(compile_config={"loss": attack}),
    "within another layer": lambda config, attack: config["config"]["layers"].append(
        {
            "module": "keras.layers",
            "class_name": "TimeDistributed",
            "registered_name": None,
            "config": {"layer": attack},
        }
    ),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_could_run_code_is_refused_wherever_it_hides(change_config, attack, place):
    path = change_config(lambda config: place(config, attack))
    with pytest.raises(RefusedFileError, match="nothing that could run code or open files"):
        check_model_file(path)


def test_the_same_places_with_nothing_bad_pass(change_config):
    harmless = {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
    for place in PLACES.values():
        check_model_file(change_config(lambda config, place=place: place(config, harmless)))


@pytest.mark.parametrize("name", ["<script>", "a](b", "x" * 201, "é", 5, ["a"], "a\nb", "$x$"])
def test_layers_with_odd_names_are_refused(change_config, name):
    path = change_config(lambda config: config["config"]["layers"][1]["config"].update(name=name))
    with pytest.raises(RefusedFileError, match="A layer's name must be of letters"):
        check_model_file(path)


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"assets/payload": b"x"}, "a network and nothing else. Received: 'assets/payload'"),
        ({"../evil__py": b"x"}, "must not lead outside of it. Received: '../evil.py'"),
        ({"/etc/evil": b"x"}, "must not lead outside of it"),
        ({"..\\evil": b"x"}, "must not lead outside of it"),
        ({"config__json": None}, "must hold config.json and model.weights.h5"),
        ({"model__weights__h5": None}, "must hold config.json and model.weights.h5"),
        ({"config__json": b"{"}, "config.json must be JSON"),
        ({"config__json": b"[" * 100_000}, "config.json must be JSON"),
        ({"config__json": b"[]"}, "a Sequential or functional network"),
        ({"config__json": b"[" + b"1," * 400_000 + b"1]"}, "at most 400,000 entries"),
        ({"config__json": b" " * 5_000_001}, "config.json must take at most 5,000,000 bytes. Received: 5,000,001."),
        ({"metadata__json": b" " * 100_001}, "metadata.json must take at most 100,000 bytes"),
    ],
)
def test_a_file_that_is_no_network_is_refused_with_the_rule(change, members, complaint):
    with pytest.raises(RefusedFileError) as refused:
        check_model_file(change(**members))
    assert complaint in str(refused.value)


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is(tmp_path, change, monkeypatch):
    monkeypatch.setitem(model_safety._CAPS, "model.weights.h5", 1_000_000)
    bomb = tmp_path / "bomb.keras"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", bytes(30_000_000))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(RefusedFileError, match=r"model\.weights\.h5 must take at most 1,000,000 bytes"):
        check_model_file(bomb)
    # A directory that lies about the size: what is there does not fit it.
    lying = bytearray(bomb.read_bytes())
    place = lying.rindex(b"PK\x01\x02")
    lying[place + 24 : place + 28] = (1_000).to_bytes(4, "little")
    bomb.write_bytes(lying)
    with pytest.raises(RefusedFileError):
        check_weights(bomb)


def test_links_two_of_a_name_and_encryption_are_refused(tmp_path):
    path = tmp_path / "odd.keras"
    link = zipfile.ZipInfo("config.json")
    link.external_attr = 0o120777 << 16
    for entries in ([link], [zipfile.ZipInfo("config.json"), zipfile.ZipInfo("config.json")]):
        with zipfile.ZipFile(path, "w") as archive, pytest.MonkeyPatch.context() as patch:
            patch.setattr("warnings.warn", lambda *_, **__: None)
            for entry in entries:
                archive.writestr(entry, "/etc/passwd")
        with pytest.raises(RefusedFileError, match=r"no links|each file once"):
            check_model_file(path)
    content = bytearray(MODEL.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(RefusedFileError, match="neither encrypted"):
        check_model_file(path)


def make_external_link(file):
    file["vars"] = h5py.ExternalLink("/etc/passwd", "/")


def make_soft_link(file):
    file["a"] = np.zeros(2)
    file["b"] = h5py.SoftLink("/a")


def make_external_data(file):
    file.create_dataset("a", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def make_virtual_data(file):
    layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "data", shape=(4,))
    file.create_virtual_dataset("a", layout)


def make_objects(file):
    file.create_dataset("a", data=["x"], dtype=h5py.string_dtype())


def make_references(file):
    file.create_dataset("a", (1,), dtype=h5py.ref_dtype)


def make_loop(file):
    group = file.create_group("a")
    group["b"] = group


def make_promise(file):
    file.create_dataset("a", (10**12,), "f4", chunks=(1024,), compression="gzip")


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (make_external_link, "must lie in the file itself. Received: a link"),
        (make_soft_link, "must lie in the file itself. Received: a link"),
        (make_external_data, "plain numbers that lie in the file itself"),
        (make_virtual_data, "plain numbers that lie in the file itself"),
        (make_objects, "plain numbers that lie in the file itself"),
        (make_references, "plain numbers that lie in the file itself"),
        (make_loop, "must be a tree of arrays"),
        (make_promise, "must take at most 400,000,000 bytes"),
    ],
)
def test_weights_that_are_not_plain_numbers_in_the_file_are_refused(change, weights, function, complaint):
    path = change(model__weights__h5=weights(function))
    check_model_file(path)
    with pytest.raises(RefusedFileError) as refused:
        check_weights(path)
    assert complaint in str(refused.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_never_raises_anything_but_its_sentence(tmp_path, data):
    content = bytearray(MODEL.read_bytes())
    match data.draw(st.sampled_from(["cut", "flip", "random"])):
        case "cut":
            content = content[: data.draw(st.integers(0, len(content)))]
        case "flip":
            # At the ends, where the zip's own words and the configuration are.
            for place in data.draw(st.lists(st.integers(-600, 6_500), min_size=1, max_size=8)):
                content[place] ^= data.draw(st.integers(1, 255))
        case _:
            content = data.draw(st.binary(max_size=300))
    path = tmp_path / "damaged.keras"
    path.write_bytes(content)
    for check in (check_model_file, check_weights):
        with contextlib.suppress(FmnistError):
            check(path)
