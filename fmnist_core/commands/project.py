"""The command `project`."""

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from fmnist_core import projection_files, storage
from fmnist_core.commands.console import Commands, print_json, show_share
from fmnist_core.errors import InvalidSettingError
from fmnist_core.projection_config import METHODS, METRICS, SPACES, ProjectionConfig
from fmnist_core.selection import PARTS

# What the lab ships: the first visitor waits for nothing. The last one shows what a trained network makes of it.
SHIPPED = (
    ProjectionConfig(method="pca"),
    ProjectionConfig(method="pca", dimensions=3),
    ProjectionConfig(method="umap"),
    ProjectionConfig(method="umap", dimensions=3),
    ProjectionConfig(method="tsne"),
    ProjectionConfig(method="umap", space="layer", run_id="mcnn-proposed"),
)
_HELP = {
    "dimensions": "2 or 3",
    "space": f"where it starts from: {', '.join(SPACES)}",
    "n_components": "how many principal components it starts from",
    "run_id": "whose penultimate layer it starts from",
    "network": "checksum of its network, found by itself",
    "standardised": "scale every pixel or output to variance 1 first",
    "part": f"which items: {', '.join(PARTS)}",
    "per_class": "only so many items of each class, at random",
    "items_seed": "decides which",
    "chosen": "a kept list of items, as the app's links name it",
    "n_neighbors": "of UMAP",
    "min_dist": "of UMAP",
    "metric": f"of the distance: {', '.join(METRICS)}",
    "perplexity": "of t-SNE",
    "from_class": "class index at which a custom axis begins",
    "to_class": "class index at which it ends",
    "seed": "of UMAP and t-SNE",
}


def add(commands: Commands) -> None:
    """Add the command."""
    project = commands.add("project", _project, "Lay items out by PCA, UMAP, t-SNE or along an axis, and keep the map.")
    project.add_argument("method", nargs="?", metavar="METHOD", help=", ".join(METHODS))
    for field in fields(ProjectionConfig)[1:]:
        option = f"--{field.name.replace('_', '-')}"
        if isinstance(field.default, bool):
            project.add_argument(option, action="store_true", help=_HELP[field.name])
        else:
            kind = type(field.default)
            project.add_argument(option, type=kind, default=field.default, help=f"{_HELP[field.name]} (%(default)s)")
    project.add_argument("--out", type=Path, metavar="CSV", help="write item, class and coordinates to a file as well")
    project.add_argument("--ship", action="store_true", help="compute the maps that come with the lab, into assets")


def _project(options: argparse.Namespace) -> None:
    from fmnist_core import projecting

    if options.ship:
        _ship()
        return
    if options.method is None:
        raise InvalidSettingError(f"`method` must be one of {', '.join(METHODS)}. Received: none.")
    settings = {field.name: getattr(options, field.name) for field in fields(ProjectionConfig)}
    config = projection_files.name_network(ProjectionConfig.from_dict(settings))
    projection = projecting.execute(config, show_share)
    path = projection_files.find_projection(config.key)
    if options.out is not None:
        _write_csv(projection, options.out)
    summary: dict[str, Any] = {
        "key": config.key,
        "path": str(path),
        "items": len(projection.items),
        "quality": dict(projection.quality),
        "seconds": projection.about["seconds"],
        "settings": config.relevant,
    }
    if options.json:
        print_json(summary)
    else:
        print(f"{config.title}: {summary['items']:,} items in {summary['path']}")


def _write_csv(projection: projection_files.Projection, path: Path) -> None:
    from fmnist_core.data import load_dataset

    table = projection_files.build_table(projection, load_dataset().labels)
    try:
        with storage.written_whole(path) as temporary:
            table.to_csv(temporary, index=False)
    except OSError as error:
        raise InvalidSettingError(f"`--out` must be a file that can be written. Received: {path}, {error}.") from None


def _ship() -> None:
    """Compute anew what `SHIPPED` lists, into assets; what is there is replaced."""
    from fmnist_core import projections
    from fmnist_core.data import load_dataset

    folder = storage.ASSETS / "projections"
    dataset = load_dataset(show_share)
    shipped = [projection_files.name_network(config) for config in SHIPPED]
    for config in shipped:
        projection = projections.project(config, dataset, show_share)
        path = projection_files.save_projection(projection, folder)
        print(f"{path.name}  {path.stat().st_size:>9,} bytes  {projection.about['seconds']:6.1f} s  {config.title}")
    for path in folder.glob("*.npz"):
        if path.stem not in {config.key for config in shipped}:
            path.unlink()
