import errno
import os
import stat
import subprocess
import sys

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


def test_a_record_written_over_another_is_whole_whichever_is_longer(tmp_path):
    for value in ({"status": "running"}, {"status": "failed", "error": "no room" * 50}, {}):
        storage.write_json(tmp_path / "run.json", {"status": "running", "items": [1, 2]})
        storage.overwrite_json(tmp_path / "run.json", value)
        assert storage.read_json(tmp_path / "run.json") == value


def test_lines_are_appended_below_one_heading(tmp_path):
    for line in ("1,2", "3,4"):
        storage.append_line(tmp_path / "table.csv", line, heading="a,b")
    assert (tmp_path / "table.csv").read_text() == "a,b\n1,2\n3,4\n"


_FILL = """
import resource, sys
from pathlib import Path
from fmnist_core import storage
table = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    while True:
        storage.append_line(table, "0.123456,0.654321", heading="a,b")
except OSError as error:
    print(storage.explain(error))
with storage.explained():
    storage.write_json(table.parent / "run.json", "x" * 200)
"""


def test_a_line_for_which_there_is_no_room_is_not_begun(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(tmp_path / "table.csv")],
        cwd=storage.ASSETS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("The lab's folder must have room on its disk")
    assert "fmnist_core.errors.StorageError: The lab's folder must have room on its disk" in done.stderr
    # 4 bytes of heading, and as many lines of 18 as fit into 100.
    assert (tmp_path / "table.csv").read_text() == "a,b\n" + 5 * "0.123456,0.654321\n"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The lab's folder must have room on its disk"),
        (errno.EFBIG, "The lab's folder must have room on its disk"),
        (errno.EROFS, "The lab's folder must be writable"),
        (errno.EACCES, "The lab's folder must be writable"),
    ],
)
def test_why_nothing_can_be_written_is_said_however_it_is_wrapped(tmp_path, monkeypatch, number, sentence):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path))
    plain = OSError(number, os.strerror(number))
    # HDF5 says it in words only.
    wrapped = RuntimeError(f"Can't write data (errno = {number}, error message = '{os.strerror(number)}')")
    for error in (plain, wrapped):
        assert storage.explain(error).startswith(sentence)
        assert storage.explain(error).endswith(f" Received: {tmp_path}.")


def test_other_errors_are_not_blamed_on_the_disk():
    assert storage.explain(ValueError("out of paper")) is None
    with pytest.raises(FileNotFoundError), storage.explained():
        raise FileNotFoundError(errno.ENOENT, "nowhere")
