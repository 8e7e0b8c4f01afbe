"""Where a picture that nobody has projected belongs on a map: among those of the items that it resembles most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core import projection_files
from fmnist_core.classes import CLASS_COLORS
from fmnist_core.errors import ProjectionNotFoundError, RunNotFoundError
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.runs import Run
from fmnist_core.splits import Indices

# Of one point; where several lie on each other, less of the paper is seen.
_COVER = 0.45


@dataclass(frozen=True, eq=False)
class Place:
    """Where a picture lands on a map.

    Attributes:
        position: (2,), in the middle of its neighbours.
        neighbors: theirs, (k, 2).
        items: their numbers, (k,).
    """

    position: NDArray[np.float32]
    neighbors: NDArray[np.float32]
    items: Indices


def find_map(run: Run) -> ProjectionConfig | None:
    """Return the map to show a picture on: that of the run's own penultimate layer if it is there, else the lab's."""
    for config in (ProjectionConfig(space="layer", run_id=run.run_id), ProjectionConfig()):
        try:
            named = projection_files.name_network(config)
        except RunNotFoundError:
            continue
        if projection_files.find_projection(named.key) is not None:
            return named
    return None


def find_place(projection: projection_files.Projection, neighbors: Indices) -> Place:
    """Place a picture in the middle of its neighbours: of their positions along each axis the median.

    Args:
        projection: of two dimensions.
        neighbors: numbers of the items that the picture resembles most.

    Raises:
        ProjectionNotFoundError: if none of them is on the map.
    """
    places = np.searchsorted(projection.items, neighbors)
    places = places[projection.items[np.minimum(places, len(projection.items) - 1)] == neighbors]
    if len(places) == 0:
        raise ProjectionNotFoundError("One of the neighbours must be on the map. Received: none of them.")
    positions = projection.embedding[places]
    return Place(np.median(positions, axis=0), positions, projection.items[places])


def paint_map(embedding: NDArray[np.float32], labels: NDArray[np.uint8], side: int = 560) -> NDArray[np.uint8]:
    """Paint all items of a map as dots in the colours of their classes.

    Args:
        embedding: (n, 2).
        labels: their classes, (n,).
        side: of the picture in pixels; both extents fill it.

    Returns:
        (side, side, 4) uint8, transparent where nothing lies; the second axis of the map points up.
    """
    low, extent = embedding.min(axis=0), np.maximum(np.ptp(embedding, axis=0), 1e-9)
    columns, rows = np.minimum((embedding - low) / extent * side, side - 1).astype(int).T
    cells = (side - 1 - rows) * side + columns
    colors = np.array([[int(color[start : start + 2], 16) for start in (1, 3, 5)] for color in CLASS_COLORS])
    counts = np.bincount(cells, minlength=side * side)
    picture = np.zeros((side * side, 4))
    for channel in range(3):
        sums = np.bincount(cells, colors[labels, channel], side * side)
        picture[:, channel] = sums / np.maximum(counts, 1)
    picture[:, 3] = 255 * (1 - (1 - _COVER) ** counts)
    return picture.round().astype(np.uint8).reshape(side, side, 4)
