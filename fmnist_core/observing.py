"""What a training tells, and to whom. Without Keras, so that whoever only listens need not load it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class BatchPoint:
    """Loss and accuracy over the batches since the last point.

    Attributes:
        epoch: position in the training, 1.5 being the middle of the second epoch.
        loss: mean training loss.
        accuracy: mean training accuracy, 0 to 1.
        seconds: since training began.
    """

    epoch: float
    loss: float
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch came to. Validation figures are None if nothing is held out.

    Attributes:
        epoch: 1 for the first.
        loss: mean training loss.
        accuracy: mean training accuracy, 0 to 1.
        val_loss: loss on the validation items.
        val_accuracy: accuracy on the validation items.
        learning_rate: at the end of the epoch; None if nothing has one.
        seconds: how long the epoch took, validation included.
        images_per_second: training items over the seconds spent on them alone.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    learning_rate: float | None
    seconds: float
    images_per_second: float


class Observer(Protocol):
    """Who wants to know how a training goes."""

    def on_begin(self, model: "keras.Model") -> None:
        """Hear that a training begins or goes on, from the network as it is."""

    def on_point(self, point: BatchPoint) -> None:
        """Hear of some batches."""

    def on_stage(self, doing: str, share: float) -> None:
        """Hear what the fit of a classical classifier, which has no epochs, does and how much of it is done, 0 to 1."""

    def on_epoch(self, record: EpochRecord, model: "keras.Model | None", probabilities: NDArray | None) -> None:
        """Hear of a whole epoch, with the validation items' probabilities, (n, 10) float32; None for no network."""

    def wants_stop(self) -> bool:
        """Tell whether to stop now; asked several times a second."""

    def wants_pause(self) -> bool:
        """Tell whether the training shall hold where it is; asked as often."""

    def wait_to_go_on(self) -> int | None:
        """Return when the training may go on: for how many batches before it is to ask again, None for no limit."""


class NoObserver:
    """An observer who does not care."""

    def on_begin(self, model: "keras.Model") -> None:
        """Do nothing."""

    def on_point(self, point: BatchPoint) -> None:
        """Do nothing."""

    def on_stage(self, doing: str, share: float) -> None:
        """Do nothing."""

    def on_epoch(self, record: EpochRecord, model: "keras.Model | None", probabilities: NDArray | None) -> None:
        """Do nothing."""

    def wants_stop(self) -> bool:
        """Never stop."""
        return False

    def wants_pause(self) -> bool:
        """Never pause."""
        return False

    def wait_to_go_on(self) -> int | None:
        """Go on at once."""
        return None
