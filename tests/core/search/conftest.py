"""A search of short trials, and the real cluster with two workers that trains them."""

import os

import pytest

from fmnist_core import jobs
from fmnist_core.search import Parameter, SearchConfig, control

SHORT = {"epochs": 2, "subset": 1_000, "split": "official", "validation_split": 1 / 60}
RATE = Parameter("learning_rate", "float", 0.0001, 0.01, log=True)


@pytest.fixture(scope="session")
def make_config():
    """Make the settings of a search of short trials."""

    def make(name="short", parameters=(RATE,), **settings):
        given = {"sampler": "random", "trials": 3, **settings, "settings": SHORT | settings.get("settings", {})}
        return SearchConfig(name, "threads/ann", parameters, **given)

    return make


@pytest.fixture(scope="session")
def make_fits():
    """Make the settings of a search of fits that take a second or two each, and need no network to be traced."""

    def make(name, **settings):
        items = {"subset": 2_000, "split": "official", "validation_split": 1 / 60}
        seeds = Parameter("seed", "int", 0, 9_999)
        return SearchConfig(name, "baselines/logistic-regression", (seeds,), items, "random", **settings)

    return make


@pytest.fixture(scope="module")
def shared_home(make_home, tmp_path_factory):
    """A home for all tests of a module, each of which calls its searches otherwise: making a storage takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_HOME", str(make_home(tmp_path_factory.mktemp("shared") / "home")))
        yield


@pytest.fixture(scope="module")
def two_workers(make_home, tmp_path_factory):
    """A local cluster of two workers, both warm, in a home of its own."""
    home = make_home(tmp_path_factory.mktemp("searches") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_HOME", str(home))
        patch.setenv("FMNIST_WORKERS", "2")
        jobs.close()
        jobs.warm()
        assert os.environ["FMNIST_WORKERS"] == "2"
        yield home
        control.leave_all()
        jobs.close()
