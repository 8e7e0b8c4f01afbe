import subprocess

import pytest

from fmnist_core import apt

pytestmark = pytest.mark.skipif(not apt.is_available(), reason="APT IS NOT TESTED: there is no apt-get here")


def test_a_package_that_nobody_has_is_told(tmp_path):
    with pytest.raises(OSError, match=r"apt-get: .*no-such-package-as-this"):
        apt.unpack("no-such-package-as-this", tmp_path)


def test_a_package_is_unpacked_and_not_installed(tmp_path):
    shares = []
    apt.unpack("hello", tmp_path, shares.append)
    assert "Hello, world!" in subprocess.run([tmp_path / "usr/bin/hello"], capture_output=True, text=True).stdout
    assert shares[-1] == 1


def test_lists_that_do_not_know_the_package_are_replaced_for_this_call(tmp_path, monkeypatch):
    (tmp_path / "state" / "lists" / "partial").mkdir(parents=True)
    configuration = tmp_path / "apt.conf"
    configuration.write_text(f'Dir::State::Lists "{tmp_path}/state/lists";\nDir::Cache "{tmp_path}/state";\n')
    monkeypatch.setenv("APT_CONFIG", str(configuration))
    apt.unpack("hello", tmp_path / "root")
    assert (tmp_path / "root" / "usr" / "bin" / "hello").is_file()
    assert [path.name for path in (tmp_path / "state" / "lists").rglob("*") if path.is_file()] in ([], ["lock"])
