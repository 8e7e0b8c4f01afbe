import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fmnist_core import projection_files
from fmnist_core.errors import InvalidSettingError, ProjectionNotFoundError
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import (
    Projection,
    choose_items,
    find_projection,
    keep_items,
    list_projections,
    load_projection,
    pack_projection,
    read_projection,
    save_projection,
)
from fmnist_core.selection import find_part

CONFIG = ProjectionConfig("pca", n_components=3)
# Item 0 has class 0, item 1 class 1, and so on, over and over.
LABELS = (np.arange(70_000) % 10).astype(np.uint8)
ITEMS = np.array([3, 10, 21, 69_999])


def projection_of(embedding, config=CONFIG, items=ITEMS):
    embedding = np.asarray(embedding, np.float32)
    return Projection(config, items, embedding, {"trustworthiness": 0.5}, {"seconds": 1.5, "date": "2026-11-20"})


PROJECTION = projection_of([[0, -1], [1, 3], [0.5, 1], [0.25, 0]])


@pytest.fixture
def saved(fmnist_home):
    return save_projection(PROJECTION)


# Whole files


def test_a_projection_is_found_under_its_key(fmnist_home):
    assert find_projection(CONFIG.key) is None
    path = save_projection(PROJECTION)
    assert path == fmnist_home / "projections" / f"{CONFIG.key}.npz" == find_projection(CONFIG.key)
    loaded = load_projection(CONFIG.key)
    assert loaded.config == CONFIG
    assert loaded.items.tolist() == ITEMS.tolist()
    assert loaded.quality == PROJECTION.quality
    assert loaded.about == PROJECTION.about
    np.testing.assert_allclose(loaded.embedding, PROJECTION.embedding, atol=4 / 65_535 / 2)


POSITIONS = arrays(np.float32, st.tuples(st.just(4), st.just(3)), elements=st.floats(-1e6, 1e6, width=32))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(POSITIONS)
def test_positions_are_kept_to_half_a_step(fmnist_home, embedding):
    config = replace(CONFIG, dimensions=3)
    loaded = read_projection(save_projection(projection_of(embedding, config))).embedding
    assert loaded.dtype == np.float32
    # And what a float32 itself cannot hold.
    allowed = np.ptp(embedding.astype(float), axis=0) / 65_535 / 2 + 1e-7 * np.abs(embedding).max(axis=0) + 1e-30
    assert (np.abs(loaded.astype(float) - embedding) <= allowed * 1.001).all()


def test_everything_needs_no_list_of_items(fmnist_home):
    everything = projection_of(np.zeros((70_000, 2)), items=np.arange(70_000))
    path = save_projection(everything)
    with np.load(path) as content:
        assert "items" not in content
    assert load_projection(CONFIG.key).items.tolist() == list(range(70_000))


def test_all_that_can_be_read_are_listed(saved, fmnist_home):
    other = replace(CONFIG, dimensions=3)
    save_projection(projection_of(np.eye(4, 3), other))
    (saved.parent / "notes.npz").write_bytes(b"hello")
    (saved.parent / "pending").mkdir()
    made_here = [found for found in list_projections() if found.config in (CONFIG, other)]
    assert {found.config.dimensions for found in made_here} == {2, 3}


# Files that are not


def test_a_key_that_is_none_is_named(fmnist_home):
    for key in ("0" * 16, "../../etc/passwd", "", "A" * 16, "x" * 1_000):
        assert find_projection(key) is None
        with pytest.raises(ProjectionNotFoundError, match=r"There must be a projection of that name\. Received: "):
            load_projection(key)


def test_a_file_cut_short_anywhere_is_damaged(saved):
    whole = saved.read_bytes()
    for length in [0, 1, 30, *np.linspace(60, len(whole) - 1, 30, dtype=int)]:
        saved.write_bytes(whole[:length])
        with pytest.raises(ProjectionNotFoundError, match=rf"{saved.name} is damaged; delete that file"):
            load_projection(CONFIG.key)


@pytest.mark.parametrize("offset", range(0, 1_200, 100))
def test_wrong_bytes_are_damage_or_read(saved, offset):
    content = bytearray(saved.read_bytes())
    content[offset : offset + 20] = b"\xaa" * 20
    saved.write_bytes(content)
    with suppress(ProjectionNotFoundError):
        np.testing.assert_array_equal(load_projection(CONFIG.key).items, ITEMS)


@pytest.mark.parametrize(
    "change",
    [
        {"about": np.array("{")},
        {"about": np.array(json.dumps({"config": CONFIG.to_dict()}))},
        {"about": np.array(json.dumps({"config": {"colour": 1}, "quality": {}, "about": {}}))},
        {
            "about": np.array(
                json.dumps({"config": CONFIG.to_dict() | {"standardised": True}, "quality": {}, "about": {}})
            )
        },
        {"positions": np.zeros((5, 2), np.uint16)},
        {"positions": np.zeros((4, 3), np.uint16)},
        {"positions": np.zeros(4, np.uint16)},
        {"extent": np.array([np.nan, 1])},
        {"low": np.array([np.inf, 1])},
        {"items": np.array([0, 1, 2, 70_000])},
        {"items": np.array([-1, 1, 2, 3])},
        {"items": np.array([1, 1, 2, 3])},
        {"items": np.array([[1, 2, 3, 4]])},
        {"items": np.array([None, 1, 2, 3])},
    ],
)
def test_a_file_that_holds_something_else_is_damaged(saved, change):
    with np.load(saved) as content:
        entries = {name: content[name] for name in content}
    np.savez(saved, **entries | change)
    with pytest.raises(ProjectionNotFoundError, match="is damaged"):
        load_projection(CONFIG.key)


def test_a_file_under_another_name_answers_no_question(saved):
    other = saved.with_name(f"{replace(CONFIG, dimensions=3).key}.npz")
    saved.rename(other)
    with pytest.raises(ProjectionNotFoundError, match="is damaged"):
        load_projection(other.stem)


def test_a_saving_cut_short_leaves_the_old_file(saved, monkeypatch):
    whole = saved.read_bytes()
    unsaid = replace(PROJECTION, about={"seconds": {1, 2}})  # JSON has no sets
    with pytest.raises(TypeError):
        save_projection(unsaid)
    assert saved.read_bytes() == whole
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


# Items


@pytest.mark.parametrize("part", ["all", "test", "threads-validation", "mcnn-train"])
def test_items_are_those_of_the_part_in_order(part):
    items = choose_items(replace(CONFIG, part=part), LABELS)
    assert items.tolist() == sorted(find_part(part, LABELS))


def test_some_of_each_class_are_chosen_by_the_seed():
    config = replace(CONFIG, part="test", per_class=7)
    items = choose_items(config, LABELS)
    assert np.bincount(LABELS[items]).tolist() == [7] * 10
    assert (items >= 60_000).all()
    assert (np.diff(items) > 0).all()
    assert choose_items(config, LABELS).tolist() == items.tolist()
    assert choose_items(replace(config, items_seed=1), LABELS).tolist() != items.tolist()


def test_a_class_with_fewer_items_gives_what_it_has():
    labels = np.zeros(70_000, np.uint8)
    labels[:3] = 4
    items = choose_items(replace(CONFIG, per_class=5), labels)
    assert np.bincount(labels[items]).tolist() == [5, 0, 0, 0, 3]


def test_chosen_items_are_kept_once_each(fmnist_home):
    name = keep_items(np.array([21, 3, 10, 3, 69_999]))
    assert keep_items(ITEMS) == name
    assert choose_items(replace(CONFIG, chosen=name, part="test"), LABELS).tolist() == ITEMS.tolist()
    assert keep_items(ITEMS[:3]) != name
    config = replace(CONFIG, chosen=keep_items(np.arange(500)), per_class=4)
    assert np.bincount(LABELS[choose_items(config, LABELS)]).tolist() == [4] * 10


@pytest.mark.parametrize("items", [[], [-1, 3], [70_000], [2**40]])
def test_items_that_do_not_exist_are_not_kept(fmnist_home, items):
    with pytest.raises(InvalidSettingError, match="at least one number from 0 to 69,999"):
        keep_items(np.array(items))


@pytest.mark.parametrize("name", ["0" * 16, "../../data/labels", "x", "A" * 100])
def test_a_list_that_is_not_kept_is_named(fmnist_home, name):
    with pytest.raises(ProjectionNotFoundError, match=f"`chosen` must name a list .* Received: {name[:40]}"):
        choose_items(replace(CONFIG, chosen=name), LABELS)


def test_a_damaged_list_is_none(fmnist_home):
    name = keep_items(ITEMS)
    path = projection_files.folder() / "chosen" / f"{name}.npy"
    whole = path.read_bytes()
    for content in (b"", whole[:50], whole[:-1], b"hello", b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(ProjectionNotFoundError, match="`chosen` must name a list"):
            choose_items(replace(CONFIG, chosen=name), LABELS)
    for items in ([5, 3], [[1, 2]], [0, 70_000], [-1, 0]):
        np.save(path, np.array(items))
        with pytest.raises(ProjectionNotFoundError, match="`chosen` must name a list"):
            choose_items(replace(CONFIG, chosen=name), LABELS)
    with path.open("wb") as file:
        np.savez(file, items=ITEMS)
    with pytest.raises(ProjectionNotFoundError, match="`chosen` must name a list"):
        choose_items(replace(CONFIG, chosen=name), LABELS)


def test_too_few_items_are_named(fmnist_home):
    config = replace(CONFIG, chosen=keep_items(np.arange(2)))
    with pytest.raises(InvalidSettingError, match=r"Received: 2 items"):
        choose_items(config, LABELS)


# What the browser reads


def unpack(content):
    length = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + length])
    return header, content[4 + length :], 4 + length


def test_the_browser_gets_positions_items_and_labels():
    header, body, offset = unpack(pack_projection(PROJECTION, LABELS))
    assert header == {"items": 4, "everything": False, "low": [0, -1], "extent": [1, 4]}
    assert offset % 4 == 0
    assert np.frombuffer(body[:8], "<u2").tolist() == [0, 65_535, 32_768, 16_384]
    assert np.frombuffer(body[8:16], "<u2").tolist() == [0, 65_535, 32_768, 16_384]
    assert np.frombuffer(body[16:32], "<u4").tolist() == ITEMS.tolist()
    assert list(body[32:]) == [3, 0, 1, 9]


def test_the_browser_knows_everything_by_its_number():
    embedding = np.column_stack([np.arange(70_000), np.full(70_000, 5)])
    header, body, _ = unpack(pack_projection(projection_of(embedding, items=np.arange(70_000)), LABELS))
    assert header == {"items": 70_000, "everything": True, "low": [0, 5], "extent": [69_999, 1]}
    assert len(body) == 70_000 * 5
    assert np.frombuffer(body[: 2 * 70_000], "<u2")[[0, -1]].tolist() == [0, 65_535]
    assert not any(body[2 * 70_000 : 4 * 70_000])
    assert body[4 * 70_000 :] == LABELS.tobytes()
