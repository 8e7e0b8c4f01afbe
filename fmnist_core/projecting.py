"""Compute a projection once, whoever asks: tell how far it is, let it be cancelled, keep the result."""

from fmnist_core import projection_files
from fmnist_core.fetch import Report, no_report
from fmnist_core.pending import Pending, Progress, Reporter
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import Projection


def load_progress(key: str) -> Progress | None:
    """Return how far a projection is, or None if nobody is at it and nothing went wrong."""
    return find_pending(key).load_progress()


def announce(config: ProjectionConfig) -> bool:
    """Write down that a projection waits to be computed; return False if somebody is at it, or it is there already."""
    return projection_files.find_projection(config.key) is None and find_pending(config.key).announce()


def cancel(key: str) -> None:
    """Ask a projection to end; one that waits is forgotten at once, one under way at its next step."""
    find_pending(key).cancel()


def execute(config: ProjectionConfig, report: Report = no_report, announced: bool = False) -> Projection:
    """Return a projection, computed now unless it is there; if another process is at it, wait for that one.

    Args:
        config: what to compute.
        report: called with a sentence and the share done, from 0 to 1.
        announced: whether it was announced; then it is computed only if nobody has cancelled it since.

    Raises:
        CancelledError: if somebody asked for its end.
        FmnistError: if it cannot be computed; those who watch are told too.
    """

    def find() -> Projection | None:
        is_there = projection_files.find_projection(config.key) is not None
        return projection_files.load_projection(config.key) if is_there else None

    return find_pending(config.key).execute(find, lambda reporter: _compute(config, reporter), report, announced)


def _compute(config: ProjectionConfig, reporter: Reporter) -> Projection:
    from fmnist_core import data, projections

    dataset = data.load_dataset()
    reporter.guess = projections.estimate_seconds(config, len(projection_files.choose_items(config, dataset.labels)))
    projection = projections.project(config, dataset, reporter)
    projection_files.save_projection(projection)
    return projection


def find_pending(key: str) -> Pending:
    """Return the computation of a projection, to be followed."""
    return Pending(projection_files.folder() / "pending", key)
