import hashlib
import logging
import threading
from functools import partial

import pytest

from fmnist_core import apt, fetch
from fmnist_core.errors import DataUnavailableError

CONTENTS = {"images.gz": bytes(range(256)) * 2_000, "labels.gz": b"labels" * 1_000}


def published(name):
    content = CONTENTS[name]
    return fetch.Published(len(content), (hashlib.sha256(content).hexdigest(), "another sum that would do"))


PUBLISHED = {name: published(name) for name in CONTENTS}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def reports():
    return []


@pytest.fixture
def find_or_fetch(server, folder, reports, tmp_path):
    server.files |= CONTENTS
    return partial(
        fetch.find_or_fetch,
        folder,
        lambda sentence, share: reports.append((sentence, share)),
        published=PUBLISHED,
        places=[tmp_path / "elsewhere"],
        addresses=[server.address],
        package=None,
    )


def put(folder, **contents):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.gz").write_bytes(content)


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def assert_sound(files):
    assert {name: path.read_bytes() for name, path in files.paths.items()} == CONTENTS


def test_files_are_downloaded_into_the_folder(find_or_fetch, folder, server):
    files = find_or_fetch()
    assert_sound(files)
    assert files.source == server.address
    assert visible(folder) == ["images.gz", "labels.gz"]


def test_files_that_are_there_are_used_without_asking_anybody(find_or_fetch, folder, server):
    put(folder, images=CONTENTS["images.gz"], labels=CONTENTS["labels.gz"])
    files = find_or_fetch()
    assert_sound(files)
    assert files.source == str(folder)
    assert server.ranges == []


def test_files_of_other_software_are_used_where_they_lie(find_or_fetch, folder, server, tmp_path):
    put(tmp_path / "elsewhere", images=CONTENTS["images.gz"])
    put(folder, labels=CONTENTS["labels.gz"])
    files = find_or_fetch()
    assert_sound(files)
    assert files.source == f"{tmp_path / 'elsewhere'}; {folder}"
    assert visible(folder) == ["labels.gz"]
    assert server.ranges == []


def test_only_what_is_missing_is_downloaded(find_or_fetch, folder, server):
    put(folder, images=CONTENTS["images.gz"])
    assert_sound(find_or_fetch())
    assert server.sent == len(CONTENTS["labels.gz"])


def test_every_published_sum_will_do(find_or_fetch, folder, server):
    repacked = b"the same in another wrapping"
    put(folder, images=repacked, labels=CONTENTS["labels.gz"])
    sums = (*PUBLISHED["images.gz"].sums, hashlib.sha256(repacked).hexdigest())
    files = find_or_fetch(published=PUBLISHED | {"images.gz": fetch.Published(999, sums)})
    assert files.paths["images.gz"].read_bytes() == repacked
    assert server.ranges == []


def test_progress_never_falls_and_ends_at_one(find_or_fetch, reports, server):
    server.breaks_after = 200_000
    find_or_fetch()
    shares = [share for _, share in reports]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1


def test_progress_stays_where_it_is_when_a_server_begins_again(find_or_fetch, reports, folder, server):
    put(folder)
    (folder / "images.gz.part").write_bytes(CONTENTS["images.gz"][:-1_000])
    server.ignores_ranges = True
    server.breaks_after = 300_000
    with pytest.raises(DataUnavailableError):
        find_or_fetch()
    shares = [share for _, share in reports]
    assert shares == sorted(shares)


def test_an_interrupted_download_leaves_nothing_that_looks_whole_and_goes_on_later(find_or_fetch, folder, server):
    def interrupt(sentence, share):
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch.find_or_fetch(folder, interrupt, **find_or_fetch.keywords)
    assert visible(folder) == ["images.gz.part"]
    had = (folder / "images.gz.part").stat().st_size
    assert 0 < had < len(CONTENTS["images.gz"])

    assert_sound(find_or_fetch())
    assert server.ranges == [None, f"bytes={had}-", None]
    assert visible(folder) == ["images.gz", "labels.gz"]


def test_a_part_of_another_file_is_thrown_away(find_or_fetch, folder, server):
    put(folder)
    (folder / "images.gz.part").write_bytes(b"x" * 1_000)
    assert_sound(find_or_fetch())
    assert server.ranges == ["bytes=1000-", None, None]


def test_a_damaged_file_of_ours_is_named_set_aside_and_fetched_again(find_or_fetch, folder, reports, server, caplog):
    damaged = CONTENTS["images.gz"][:-1] + b"?"
    put(folder, images=damaged, labels=CONTENTS["labels.gz"])
    with caplog.at_level(logging.WARNING):
        assert_sound(find_or_fetch())
    assert visible(folder) == ["images.gz", "images.gz.damaged", "labels.gz"]
    assert (folder / "images.gz.damaged").read_bytes() == damaged
    note = f"{folder / 'images.gz'} is damaged (wrong checksum) and was set aside as images.gz.damaged."
    assert caplog.messages == [note]
    assert note in reports[0][0]
    assert note in reports[-1][0]  # it must not flash by unseen


def test_a_damaged_file_elsewhere_is_named_and_left_alone(find_or_fetch, folder, reports, tmp_path, caplog):
    put(tmp_path / "elsewhere", images=b"damaged", labels=CONTENTS["labels.gz"])
    files = find_or_fetch()
    assert_sound(files)
    assert files.paths["images.gz"].parent == folder
    assert visible(tmp_path / "elsewhere") == ["images.gz", "labels.gz"]
    assert caplog.messages == [f"{tmp_path / 'elsewhere' / 'images.gz'} is damaged (wrong checksum) and is not used."]


def test_a_damaged_download_is_not_kept_and_the_next_address_is_tried(find_or_fetch, folder, server, caplog):
    damaged = CONTENTS["images.gz"][:-1] + b"?"
    server.files |= {"bad/images.gz": damaged, "bad/labels.gz": CONTENTS["labels.gz"]}
    files = find_or_fetch(addresses=[server.address + "bad/", server.address])
    assert_sound(files)
    assert files.source == server.address
    assert visible(folder) == ["images.gz", "labels.gz"]
    assert caplog.messages == [f"{server.address}bad/images.gz is damaged (wrong checksum) and is not used."]


def test_a_login_page_instead_of_the_file_is_not_kept(find_or_fetch, folder, server):
    page = b"<html>Please log in</html>"
    server.files = dict.fromkeys(CONTENTS, page)
    with pytest.raises(DataUnavailableError, match=rf"{len(page)} bytes instead of 512,000"):
        find_or_fetch()
    server.files = dict(CONTENTS)
    assert_sound(find_or_fetch())


def test_what_one_address_brought_is_not_asked_of_the_next(find_or_fetch, server):
    server.files = {"one/images.gz": CONTENTS["images.gz"], "two/labels.gz": CONTENTS["labels.gz"]}
    addresses = [server.address + "one/", server.address + "two/"]
    files = find_or_fetch(addresses=addresses)
    assert_sound(files)
    assert files.source == "; ".join(addresses)
    assert server.sent == sum(map(len, CONTENTS.values()))


def test_nothing_found_and_nothing_reachable_names_places_and_ways_out(find_or_fetch, folder, tmp_path):
    with pytest.raises(DataUnavailableError) as caught:
        find_or_fetch(addresses=["http://127.0.0.1:9/"])
    message = str(caught.value)
    assert f"Looked in {folder}, {tmp_path / 'elsewhere'};" in message
    assert "http://127.0.0.1:9/ (Connection refused)" in message
    assert f"put the four files ({', '.join(fetch.PUBLISHED)}) into {folder}" in message
    assert "apt install dataset-fashion-mnist" in message
    assert "go online and try again" in message
    assert visible(folder) == []


def test_a_folder_that_cannot_be_made_is_told(find_or_fetch, tmp_path):
    (tmp_path / "data").write_text("a file is in the way")
    with pytest.raises(DataUnavailableError, match=f"must be writable. Received: {tmp_path / 'data'}"):
        find_or_fetch()


def test_two_at_once_download_once(find_or_fetch, server):
    results = []
    threads = [threading.Thread(target=lambda: results.append(find_or_fetch())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for files in results:
        assert_sound(files)
    assert server.ranges == [None, None]


def test_keras_cache_and_the_package_are_looked_in(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    package, keras = fetch.shared_places()
    assert str(package) == "/usr/share/datasets/fashion-mnist"
    assert keras == tmp_path / ".keras" / "datasets" / "fashion-mnist"
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert fetch.shared_places()[1] == tmp_path / "keras" / "datasets" / "fashion-mnist"


def test_the_real_files_of_this_machine_have_the_published_sums(dataset):
    files = fetch.find_or_fetch(dataset.path)
    assert set(files.paths) == {fetch.TRAIN_IMAGES, fetch.TRAIN_LABELS, fetch.TEST_IMAGES, fetch.TEST_LABELS}
    for name, path in files.paths.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() in fetch.PUBLISHED[name].sums


@pytest.mark.skipif(not apt.is_available(), reason="THE PACKAGE'S WAY IS NOT TESTED: there is no apt-get here")
def test_the_package_is_the_last_resort(folder, reports):
    files = fetch.find_or_fetch(
        folder, lambda sentence, share: reports.append(share), places=[], addresses=["http://127.0.0.1:9/"]
    )
    assert files.source == "the package dataset-fashion-mnist"
    assert visible(folder) == sorted(fetch.PUBLISHED)
    assert reports == sorted(reports)
    assert reports[-1] == 1
