import base64
import json
import re
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core import cli, networks, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, InvalidSettingError, NetworkExistsError, NetworkNotFoundError
from fmnist_core.networks import (
    MOST_BYTES,
    Network,
    delete_network,
    from_json,
    from_link,
    is_saved,
    list_networks,
    load_network,
    make_slug,
    networks_folder,
    pick_settings,
    save_network,
    to_json,
    to_link,
)
from fmnist_core.recipes import find_recipe, load_own_recipes, load_recipes
from fmnist_core.stacks import FLATTEN, STACKS, Layer, conv, dense, dropout, pool, read_stack

LAYERS = (conv(4, (3, 5)), pool(), FLATTEN, dense(8), dropout(0.1))
TINY = Network("Tiny no. 1", LAYERS)
TRAINED = Network("Tiny no. 1", LAYERS, {"epochs": 3, "optimizer": "sgd", "momentum": 0.5})
IMPOSSIBLE = Network("In the making", (FLATTEN, conv(4, 3)))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Tiny no. 1", "tiny-no-1"),
        ("  Größe: 10% ", "groe-10"),
        ("Été", "ete"),
        ("x" * 60, "x" * 60),
        ("../../etc/passwd", "etc-passwd"),
        ("-a-", "a"),
    ],
)
def test_a_slug_is_the_name_in_plain_letters(name, slug):
    assert make_slug(name) == slug


@pytest.mark.parametrize("name", ["", "x" * 61, "two\nlines", "\ud800", "nul\0", None, 3, ["a"]])
def test_a_name_is_short_and_can_be_printed(name):
    with pytest.raises(InvalidSettingError, match="A network's name must be 1 to 60 printable characters"):
        Network(name, LAYERS)


@pytest.mark.parametrize("name", ["…", "靴", " ", "-"])
def test_a_name_needs_a_letter_or_a_digit(name):
    with pytest.raises(InvalidSettingError, match="must have a letter from a to z or a digit"):
        Network(name, LAYERS)


def test_layers_keep_to_the_rules_of_their_kinds():
    with pytest.raises(InvalidSettingError, match=r"Layer 2, 'Dense': `units` must be .* Received: 0\."):
        Network("x", (FLATTEN, dense(0)))
    with pytest.raises(InvalidSettingError, match=r"Layer 1, 'Lambda': must be of a known kind\."):
        Network("x", (Layer("Lambda"),))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 0}, "`epochs` must be"),
        ({"patience": 2}, "`setting` must be one of"),
        ({"layers": []}, "`settings` must not hold the network itself. Received: layers."),
        ({"architecture": "threads/ann"}, "`settings` must not hold the network itself. Received: architecture."),
    ],
)
def test_settings_are_those_of_a_training(given, message):
    with pytest.raises(InvalidSettingError, match=re.escape(message)):
        Network("x", LAYERS, given)


def test_a_network_knows_how_it_is_trained():
    assert TRAINED.config == TrainingConfig(epochs=3, optimizer="sgd", momentum=0.5, layers=LAYERS)
    assert TINY.config == TrainingConfig(layers=LAYERS)
    assert pick_settings(TRAINED.config) == TRAINED.settings
    with pytest.raises(InvalidSettingError, match="Layer 2"):
        _ = IMPOSSIBLE.config


def test_what_is_saved_is_found_again(fmnist_home):
    assert list_networks().networks == {}
    assert save_network(TRAINED) == "tiny-no-1"
    save_network(Network("another", LAYERS[2:]))
    assert load_network("tiny-no-1") == TRAINED
    assert list(list_networks().networks) == ["another", "tiny-no-1"]
    assert sorted(path.name for path in networks_folder().iterdir()) == ["another.json", "tiny-no-1.json"]
    delete_network("another")
    assert list(list_networks().networks) == ["tiny-no-1"]
    assert not list_networks().unreadable


def test_another_network_of_the_same_name_is_replaced_only_if_told_so(fmnist_home):
    save_network(TINY)
    save_network(TINY)
    other = Network("tiny NO 1", (FLATTEN,))
    assert is_saved(TINY)
    assert not is_saved(other)
    with pytest.raises(NetworkExistsError, match="tiny NO 1"):
        save_network(other)
    assert load_network("tiny-no-1") == TINY
    save_network(other, replace=True)
    assert load_network("tiny-no-1") == other


def test_an_impossible_network_is_not_saved_but_can_be_sent(fmnist_home):
    with pytest.raises(InvalidSettingError, match="Layer 2"):
        save_network(IMPOSSIBLE)
    assert not networks_folder().exists()
    assert from_link(to_link(IMPOSSIBLE)) == IMPOSSIBLE
    assert from_json(to_json(IMPOSSIBLE)) == IMPOSSIBLE


@pytest.mark.parametrize("slug", ["none", "../secret", "", ".", "A", "a/b", "a\0", "\ud800", "a" * 300])
def test_there_is_no_network_of_a_name_that_none_can_have(fmnist_home, slug):
    (fmnist_home / "secret.json").write_text(to_json(TINY))
    for act in (load_network, delete_network):
        with pytest.raises(NetworkNotFoundError, match="There is no saved network of that name"):
            act(slug)
    assert (fmnist_home / "secret.json").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must be written as JSON"),
        (b"\xff\xfe\x00", "must be written as JSON"),
        (b"[1, 2", "must be written as JSON"),
        (b"[" * 50_000, "must be written as JSON"),
        (b'{"name": "\\ud800", "layers": []}', "must be written as JSON"),
        (b"[]", "must have a `name`, `layers` and perhaps `settings`"),
        (b'{"name": "Damaged"}', "must have a `name`, `layers` and perhaps `settings`"),
        (b'{"name": "Damaged", "layers": [], "author": 1}', "must have a `name`, `layers` and perhaps `settings`"),
        (b'{"name": "Damaged", "layers": [], "settings": []}', "must have a `name`, `layers` and perhaps `settings`"),
        (b'{"name": "Damaged", "layers": {}}', "`layers` must be a list"),
        (b'{"name": "Damaged", "layers": [7]}', "A layer must have"),
        (b'{"name": "Damaged", "layers": []}', "needs a flat layer"),
        (to_json(TINY).encode(), "A network's file must bear its name, tiny-no-1.json. Received: damaged.json."),
        (b" " * (MOST_BYTES + 1), "must take at most 100,000 characters"),
    ],
)
def test_damaged_and_foreign_files_are_reported_and_leave_the_others_alone(fmnist_home, content, message):
    save_network(TINY)
    (networks_folder() / "damaged.json").write_bytes(content)
    (networks_folder() / "notes.txt").write_text("mine")
    (networks_folder() / ".half.json").write_text("{")
    listing = list_networks()
    assert list(listing.networks) == ["tiny-no-1"]
    assert list(listing.unreadable) == ["damaged"]
    assert message in listing.unreadable["damaged"]
    assert list(load_own_recipes()) == ["own/tiny-no-1"]
    # A damaged file is not overwritten unasked either.
    with pytest.raises(NetworkExistsError):
        save_network(Network("Damaged", LAYERS))
    save_network(Network("Damaged", LAYERS), replace=True)
    assert not list_networks().unreadable


def test_a_folder_of_a_network_s_name_is_reported(fmnist_home):
    (networks_folder() / "odd.json").mkdir(parents=True)
    assert list(list_networks().unreadable) == ["odd"]


arguments = st.fixed_dictionaries(
    {
        "filters": st.integers(1, 1024),
        "kernel_size": st.integers(1, 64) | st.tuples(st.integers(1, 9), st.integers(1, 9)),
    },
    optional={"use_bias": st.booleans(), "padding": st.sampled_from(["same", "valid"])},
)
layers = (
    st.sampled_from(
        [
            layer
            for stack in STACKS.values()
            for layer in read_stack(
                json.loads(
                    json.dumps([{"class_name": layer.class_name, "arguments": layer.arguments} for layer in stack])
                )
            )
        ]
    )
    | st.builds(Layer, st.just("Conv2D"), arguments)
    | st.builds(dropout, st.floats(0, 1, exclude_max=True))
)
names = st.text(min_size=1, max_size=50).map(lambda text: f"n{text}").filter(str.isprintable)
trainings = st.none() | st.fixed_dictionaries(
    {}, optional={"epochs": st.integers(1, 1000), "learning_rate": st.floats(1e-9, 10), "flip": st.booleans()}
)
any_network = st.builds(Network, names, st.lists(layers, max_size=30).map(tuple), trainings)


@given(any_network)
def test_json_and_links_bring_back_the_same_network(network):
    assert from_json(to_json(network)) == network
    link = to_link(network)
    assert from_link(link) == network
    assert re.fullmatch(r"[A-Za-z0-9_-]+", link)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_garbage_is_refused_in_a_sentence(text):
    for read in (from_link, from_json):
        with pytest.raises(InvalidSettingError):
            read(text)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "layers", "settings", "class_name", "arguments", "units"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=200)
@given(any_json)
def test_any_json_is_a_network_or_refused_in_a_sentence(content):
    text = json.dumps(content)
    for written, read in ((text, from_json), (pack(text.encode()), from_link)):
        with suppress(FmnistError):
            assert isinstance(read(written), Network)


def pack(content):
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


@given(any_network, st.data())
def test_a_link_that_lost_its_end_is_refused(network, data):
    link = to_link(network)
    with pytest.raises(InvalidSettingError):
        from_link(link[: data.draw(st.integers(0, len(link) - 1))])


def test_a_link_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    bomb = pack(b" " * 50_000_000)
    assert len(bomb) < MOST_BYTES
    with pytest.raises(InvalidSettingError, match="A link must hold a whole network"):
        from_link(bomb)


@pytest.mark.parametrize("name", STACKS)
def test_a_network_of_a_paper_makes_a_link_that_fits_into_any_address(name):
    assert len(to_link(Network(name, STACKS[name]))) < 700


def test_a_network_of_one_s_own_is_a_recipe(fmnist_home, capsys):
    with pytest.raises(InvalidSettingError, match="own/tiny-no-1"):
        find_recipe("own/tiny-no-1")
    save_network(TRAINED)
    recipe = find_recipe("own/tiny-no-1")
    assert (recipe.name, recipe.title, recipe.paper_key) == ("own/tiny-no-1", "Tiny no. 1", "own")
    assert recipe.config == TRAINED.config
    assert recipe.claims == {}
    assert "own/tiny-no-1" not in load_recipes()
    assert cli.main(["recipes", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    # 4 filters of 3×5; 13×12 positions of 4 maps after the pool; eight units; ten classes.
    assert rows["own/tiny-no-1"]["parameters"] == 4 * 15 + 4 + 13 * 12 * 4 * 8 + 8 + 90
    assert set(load_recipes()) < set(rows)
    # Saved anew, it is the new one.
    save_network(Network("Tiny no. 1", (FLATTEN,)), replace=True)
    assert find_recipe("own/tiny-no-1").config.stack == (FLATTEN,)


def test_a_network_of_one_s_own_is_trained(fmnist_home):
    from fmnist_core import recording  # it brings Keras

    save_network(TRAINED)
    recipe = find_recipe("own/tiny-no-1")
    config = recipe.config.with_settings(epochs=1, subset=64, steps_per_epoch=1, validation_split=0.001)
    run = recording.execute(runs.create_run(config, recipe.name).run_id)
    assert (run.status, run.recipe) == (runs.FINISHED, "own/tiny-no-1")
    assert run.parameters == 4 * 15 + 4 + 13 * 12 * 4 * 8 + 8 + 90
    assert run.config.stack == LAYERS
    import keras

    model = keras.saving.load_model(run.path / "model.keras")
    assert [type(layer).__name__ for layer in model.layers] == [
        *("Rescaling", "Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dropout", "Dense")
    ]


def test_the_folder_is_the_lab_s(fmnist_home):
    assert networks.networks_folder() == fmnist_home / "networks"
