import socket

import pytest

from fmnist_core.download import download

CONTENT = bytes(range(256)) * 1_000  # several chunks
SIZE = len(CONTENT)


@pytest.fixture
def part(tmp_path):
    return tmp_path / "file.gz.part"


@pytest.fixture
def url(server):
    server.files["file.gz"] = CONTENT
    return server.address + "file.gz"


def test_the_whole_file_comes_and_every_step_is_told(url, part):
    steps = []
    download(url, part, SIZE, steps.append)
    assert part.read_bytes() == CONTENT
    assert steps == sorted(steps)
    assert len(steps) > 1
    assert steps[-1] == SIZE


@pytest.mark.parametrize("had", [1, 100_000, SIZE - 1])
def test_it_goes_on_where_an_earlier_attempt_stopped(server, url, part, had):
    part.write_bytes(CONTENT[:had])
    steps = []
    download(url, part, SIZE, steps.append)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={had}-"]
    assert server.sent == SIZE - had
    assert min(steps) > had


def test_a_file_that_is_there_already_is_not_asked_for(server, url, part):
    part.write_bytes(CONTENT)
    download(url, part, SIZE, lambda done: None)
    assert server.ranges == []


def test_a_part_larger_than_the_file_is_begun_anew(server, url, part):
    part.write_bytes(CONTENT + b"more")
    download(url, part, SIZE, lambda done: None)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_a_server_that_ignores_ranges_sends_it_all_again(server, url, part):
    server.ignores_ranges = True
    part.write_bytes(b"x" * 1_000)
    download(url, part, SIZE, lambda done: None)
    assert part.read_bytes() == CONTENT
    assert server.ranges == ["bytes=1000-"]


def test_a_range_that_the_server_cannot_satisfy_is_given_up(server, url, part):
    server.files["file.gz"] = CONTENT[:1_000]  # it has become shorter
    part.write_bytes(CONTENT[:2_000])
    with pytest.raises(OSError, match=f"1,000 bytes instead of {SIZE:,}"):
        download(url, part, SIZE, lambda done: None)
    assert server.ranges == ["bytes=2000-", None]


def test_broken_connections_are_taken_up_as_long_as_something_comes(server, url, part):
    server.breaks_after = 100_000
    download(url, part, SIZE, lambda done: None)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_a_connection_that_brings_nothing_is_given_up_and_what_came_is_kept(server, url, part):
    server.breaks_after = 0
    part.write_bytes(CONTENT[:1_000])
    with pytest.raises(ConnectionError, match="the download failed"):
        download(url, part, SIZE, lambda done: None)
    assert part.read_bytes() == CONTENT[:1_000]


@pytest.mark.parametrize("other", [b"", b"<html>Please log in</html>", CONTENT + b"more"])
def test_a_file_of_another_size_is_not_begun(server, url, part, other):
    server.files["file.gz"] = other
    with pytest.raises(ConnectionError, match=f"{len(other):,} bytes instead of {SIZE:,}"):
        download(url, part, SIZE, lambda done: None)
    assert part.read_bytes() == b""


def test_a_server_that_does_not_tell_the_size_may_send_the_file(server, url, part):
    server.hides_length = True
    download(url, part, SIZE, lambda done: None)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("other", "complaint"), [(CONTENT + b"more", f"more than {SIZE:,} bytes"), (b"", f"only 0 of {SIZE:,} bytes came")]
)
def test_nor_may_it_send_more_or_nothing(server, url, part, other, complaint):
    server.hides_length = True
    server.files["file.gz"] = other
    with pytest.raises(ConnectionError, match=complaint):
        download(url, part, SIZE, lambda done: None)
    assert part.read_bytes() == b""


def test_what_the_server_does_not_have_is_told(server, url, part):
    with pytest.raises(OSError, match="404"):
        download(server.address + "other.gz", part, SIZE, lambda done: None)
    assert not part.exists()


def test_a_port_on_which_nobody_listens_is_told_at_once(part):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        download(f"http://127.0.0.1:{port}/file.gz", part, SIZE, lambda done: None)


def test_a_server_that_falls_silent_is_given_up(part, monkeypatch):
    monkeypatch.setattr("fmnist_core.download.TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(OSError, match="timed out"):
        download(f"http://127.0.0.1:{silent.getsockname()[1]}/file.gz", part, SIZE, lambda done: None)


def test_an_interruption_keeps_the_part_that_came(url, part):
    def interrupt(done):
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(url, part, SIZE, interrupt)
    assert CONTENT.startswith(part.read_bytes())
    assert part.stat().st_size > 100_000
