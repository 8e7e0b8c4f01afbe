"""What every kind of test shares: the data, and a lab's folder of its own."""

import pytest
from hypothesis import settings

from fmnist_core.data import Dataset, load_dataset

# How long an example takes says more about what else the machine does.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def make_home(dataset):
    """Make FMNIST_HOMEs in which the data are decoded already: links to the shared arrays, opened read-only."""

    def make(home):
        (home / "data").mkdir(parents=True)
        for name in ("images.npy", "labels.npy", "source.json"):
            (home / "data" / name).symlink_to(dataset.path / name)
        return home

    return make


@pytest.fixture
def fmnist_home(make_home, tmp_path, monkeypatch):
    """An FMNIST_HOME with the data and nothing else."""
    home = make_home(tmp_path / "fmnist-home")
    monkeypatch.setenv("FMNIST_HOME", str(home))
    return home


def pytest_terminal_summary(terminalreporter):
    # A missing browser must not pass unnoticed among the dots.
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped:
        terminalreporter.section("BROWSER TESTS NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests drive the app in a real Chromium, and did not run:")
        for reason in sorted({report.longrepr[2] for report in skipped}):
            terminalreporter.line(f"  {reason}")
        terminalreporter.line("Install chromium or chromium-headless-shell, or set FMNIST_CHROMIUM to its path.")
