import stat

import pytest

from fmnist_core import storage


def test_home_is_what_fmnist_home_says(monkeypatch, tmp_path):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "lab"))
    assert storage.home() == tmp_path / "lab"


@pytest.mark.parametrize("value", [None, ""])
def test_home_is_in_the_users_data_folder_otherwise(monkeypatch, tmp_path, value):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("FMNIST_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("FMNIST_HOME", value)
    assert storage.home() == tmp_path / "fmnist-lab"


def test_written_whole_creates_the_folder_and_leaves_only_the_file(tmp_path):
    path = tmp_path / "a" / "b" / "c.txt"
    with storage.written_whole(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "c.txt"
    path.write_text("old")

    def write_half():
        with storage.written_whole(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_at_once_do_not_mix(tmp_path):
    path = tmp_path / "c.txt"
    with storage.written_whole(path) as first, storage.written_whole(path) as second:
        first.write_text("first")
        second.write_text("second")
        assert first != second
    assert path.read_text() == "first"  # the outer block ends last
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_name_ends_as_asked(tmp_path):
    with storage.written_whole(tmp_path / "model.keras", suffix=".keras") as temporary:
        assert temporary.suffix == ".keras"
        assert temporary.name.startswith(".")


def test_files_get_the_usual_rights(tmp_path):
    with storage.written_whole(tmp_path / "mine"):
        pass
    (tmp_path / "usual").touch()
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("mine", "usual")}
    assert len(modes) == 1


def test_json_comes_back_as_it_was(tmp_path):
    value = {"run_id": "ä", "epochs": [1, 2.5, None, True]}
    storage.write_json(tmp_path / "run.json", value)
    assert storage.read_json(tmp_path / "run.json") == value
    assert (tmp_path / "run.json").read_text(encoding="utf-8").endswith("}\n")


def test_reading_no_json_and_no_file_are_told_apart(tmp_path):
    (tmp_path / "half.json").write_text('{"run_id": ')
    with pytest.raises(ValueError, match="Expecting value"):
        storage.read_json(tmp_path / "half.json")
    with pytest.raises(FileNotFoundError):
        storage.read_json(tmp_path / "none.json")


def test_assets_lie_in_the_repository():
    assert (storage.ASSETS / "icon.png").is_file()
