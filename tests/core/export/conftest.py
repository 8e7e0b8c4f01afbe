"""A residual network that was trained in bfloat16, a little, and is then taken away."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from fmnist_core import runs
from fmnist_core.config import TrainingConfig
from fmnist_core.stacks import AVERAGE, BATCH_NORMALIZATION, RELU, conv, residual

# The architecture of lab/small, narrower and with fewer blocks: a normalisation before each convolution, shortcuts.
RESIDUAL = (
    conv(8, 3, "same", activation=None, use_bias=False),
    residual(8),
    residual(16, strides=2, dropout=0.1),
    BATCH_NORMALIZATION,
    RELU,
    AVERAGE,
)


@dataclass(frozen=True)
class Home:
    path: Path
    run_id: str


@pytest.fixture(scope="session")
def trained_home(make_home, tmp_path_factory):
    from fmnist_core import recording

    home = make_home(tmp_path_factory.mktemp("export") / "home")
    config = TrainingConfig(
        "lab/small",
        layers=RESIDUAL,
        epochs=1,
        subset=3_000,
        batch_size=64,
        learning_rate=0.005,
        validation_split=1 / 60,
        mixed_precision="on",
        ema=0.9,
        seed=1,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_HOME", str(home))
        run = runs.create_run(config, "lab/small")
        recording.execute(run.run_id)
    return Home(home, run.run_id)


@pytest.fixture
def residual_run(trained_home, monkeypatch):
    """All tests share it, so none may add to it or change it."""
    monkeypatch.setenv("FMNIST_HOME", str(trained_home.path))
    return runs.load_run(trained_home.run_id)
