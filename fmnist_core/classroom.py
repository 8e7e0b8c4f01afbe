"""A class as the search: two settings make a grid, each cell is trained by a pupil, and the surface fills.

    classrooms/<name>.json              title and grid; the name is the title in plain letters
    classrooms/<name>/<cell>-<place>    somebody has been given this cell, see `classroom_cells`

The runs themselves say to which class and cell they belong, in run.json: {"classroom": name, "cell": number}. So the
surface is worked out from files alone, at any time, by any process.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core import storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import ClassroomExistsError, ClassroomNotFoundError, InvalidSettingError
from fmnist_core.networks import make_slug
from fmnist_core.search.config import SearchConfig
from fmnist_core.search.parameters import CHOICE, FLOAT, INT, KERNEL_SIZE, WIDTH, Parameter, Value

MOST_VALUES = 8
# Ready-made grids: what they are called, the rows and the columns.
READY: Mapping[str, tuple[str, Parameter, Parameter]] = {
    "rate-size": (
        "Learning rate and batch size",
        Parameter("learning_rate", FLOAT, values=(0.0001, 0.001, 0.01, 0.1)),
        Parameter("batch_size", INT, values=(16, 64, 256)),
    ),
    "rate-optimizer": (
        "Learning rate and optimizer",
        Parameter("learning_rate", FLOAT, values=(0.001, 0.01, 0.1)),
        Parameter("optimizer", CHOICE, choices=("sgd", "adagrad", "rmsprop", "adam")),
    ),
    "items-epochs": (
        "Training items and epochs",
        Parameter("subset", INT, values=(500, 1000, 2000, 5000)),
        Parameter("epochs", INT, values=(1, 2, 4)),
    ),
    "kernel-width": (
        "Kernel size and width",
        Parameter(KERNEL_SIZE, INT, values=(2, 3, 4, 5)),
        Parameter(WIDTH, FLOAT, values=(0.5, 1.0, 2.0)),
    ),
}
_MOST_BYTES = 200_000
_SEED = "seed"


@dataclass(frozen=True)
class Classroom:
    """A grid of trainings that many people share.

    Attributes:
        title: what the class is called, 1 to 60 printable characters.
        grid: the recipe, the settings that all cells have in common, and two parameters with 2 to 8 values each:
            the rows and the columns.

    Raises:
        InvalidSettingError: for the first thing that breaks its rule, the settings of each cell among them.
    """

    title: str
    grid: SearchConfig

    def __post_init__(self) -> None:
        make_slug(self.title, "class")
        if len(self.grid.parameters) != 2:
            raise InvalidSettingError(f"A class must vary two settings. Received: {len(self.grid.parameters)}.")
        for parameter in self.grid.parameters:
            if not 2 <= len(parameter.grid) <= MOST_VALUES:
                raise InvalidSettingError(
                    f"`{parameter.name}` must have 2 to {MOST_VALUES} values. Received: {len(parameter.grid)}."
                )
        for number in range(1, self.size + 1):
            self.configure(number)

    @property
    def name(self) -> str:
        """The title in plain letters, by which the class is kept and linked to."""
        return make_slug(self.title, "class")

    @property
    def rows(self) -> Parameter:
        """What changes from row to row."""
        return self.grid.parameters[0]

    @property
    def columns(self) -> Parameter:
        """What changes from column to column."""
        return self.grid.parameters[1]

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.grid.grid_size

    def find_values(self, number: int) -> tuple[Value, Value]:
        """Return the values of a cell, that of the row and that of the column.

        Args:
            number: of the cell, from 1, row by row.

        Raises:
            ClassroomNotFoundError: if there is no such cell.
        """
        if not 1 <= number <= self.size:
            raise ClassroomNotFoundError(f"`cell` must be a whole number from 1 to {self.size}. Received: {number}.")
        row, column = divmod(number - 1, len(self.columns.grid))
        return self.rows.grid[row], self.columns.grid[column]

    def configure(self, number: int, later: int = 0) -> tuple[str, TrainingConfig]:
        """Return the name of the recipe and the settings of a cell.

        Args:
            number: of the cell, from 1.
            later: how many have trained it before; each gets the next seed, unless the seed is what varies.

        Raises:
            ClassroomNotFoundError: if there is no such cell.
            InvalidSettingError: if its settings do not go together.
        """
        values = dict(zip((self.rows.name, self.columns.name), self.find_values(number), strict=True))
        recipe, config = self.grid.find_training(values)
        return recipe, config if _SEED in values else config.with_settings(seed=config.seed + later)

    def holds(self, number: int, config: TrainingConfig) -> bool:
        """Tell whether a training belongs to a cell: it may differ in its seed, unless that is what varies."""
        _, expected = self.configure(number)
        if _SEED not in (self.rows.name, self.columns.name):
            config = config.with_settings(seed=expected.seed)
        return _without_name(config) == _without_name(expected)

    def mark(self, number: int) -> dict[str, Any]:
        """Return what run.json says of a run that belongs to a cell."""
        return {"classroom": self.name, "cell": number}

    def to_dict(self) -> dict[str, Any]:
        """Return the class ready for JSON."""
        return {"title": self.title, "grid": self.grid.to_dict()}


def make_classroom(title: str, recipe: str, rows: Parameter, columns: Parameter, **settings: Any) -> Classroom:
    """Return a class of a title.

    Args:
        title: what it is called.
        recipe: name of the recipe.
        rows: what varies from row to row.
        columns: what varies from column to column.
        settings: of a `TrainingConfig`, those that differ from the recipe's in all cells.

    Raises:
        InvalidSettingError: as `Classroom`.
    """
    name = make_slug(title, "class")
    return Classroom(title, SearchConfig(name, recipe, (rows, columns), settings, sampler="grid"))


def _without_name(config: TrainingConfig) -> TrainingConfig:
    """Return settings in which the layers speak for the network, if there are any."""
    return config if config.layers is None else config.with_settings(architecture=TrainingConfig.architecture)


def from_dict(content: Any) -> Classroom:
    """Read what `to_dict` gave, or somebody else.

    Raises:
        InvalidSettingError: if it is no class, or breaks a rule.
    """
    try:
        match content:
            case {"title": str(title), "grid": {"recipe": str(), "parameters": list()} as grid, **rest} if not rest:
                return Classroom(title, SearchConfig.from_dict(grid))
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InvalidSettingError):
            raise
        # A file from elsewhere may hold anything anywhere.
        raise InvalidSettingError("A class's grid must be one that the lab has written. Received: another.") from None
    raise InvalidSettingError("A class must have a `title` and a `grid`, no more.")


# Keeping


@dataclass(frozen=True)
class Listing:
    """All classes that can be read, by name with the newest first, and why others cannot."""

    classrooms: Mapping[str, Classroom]
    unreadable: Mapping[str, str]


def classrooms_folder() -> Path:
    """Return the folder of the classes, which need not exist."""
    return storage.home() / "classrooms"


def list_classrooms() -> Listing:
    """Read all classes."""
    found: list[tuple[float, str, Classroom]] = []
    unreadable: dict[str, str] = {}
    folder = classrooms_folder()
    for path in folder.glob("[!.]*.json") if folder.is_dir() else ():
        try:
            found.append((path.stat().st_mtime, path.stem, load_classroom(path.stem)))
        except (ClassroomNotFoundError, InvalidSettingError, OSError) as error:
            unreadable[path.stem] = str(error)
    return Listing({name: entry for _, name, entry in sorted(found, key=lambda entry: -entry[0])}, unreadable)


def load_classroom(name: str) -> Classroom:
    """Read a class.

    Raises:
        ClassroomNotFoundError: if there is none of that name.
        InvalidSettingError: if its file is damaged, or not the lab's.
    """
    path = _path_of(name)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidSettingError(f"A class must take at most {_MOST_BYTES:,} bytes. Received: more.")
        content = storage.read_json(path)
    except OSError:
        raise _unknown(name) from None
    except (ValueError, RecursionError):
        raise InvalidSettingError(f"A class must be written as JSON. Received: {name}.json.") from None
    classroom = from_dict(content)
    if classroom.name != name:
        raise InvalidSettingError(f"A class's file must bear its name, {classroom.name}.json. Received: {name}.json.")
    return classroom


def save_classroom(classroom: Classroom, replace: bool = False) -> str:
    """Keep a class and return its name.

    Args:
        classroom: to keep.
        replace: whether another class of that name may give way, with the cells that were handed out.

    Raises:
        ClassroomExistsError: if there is one and it may not.
        StorageError: if the lab's folder cannot be written.
    """
    path = _path_of(classroom.name)
    if path.exists() and not replace:
        raise ClassroomExistsError(f"There must be no other class of that name. Received: {classroom.title}.")
    with storage.explained():
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)
        storage.write_json(path, classroom.to_dict())
    return classroom.name


def delete_classroom(name: str) -> None:
    """Throw a class away; its runs stay.

    Raises:
        ClassroomNotFoundError: if there is none of that name.
        StorageError: if the lab's folder cannot be written.
    """
    path = _path_of(name)
    try:
        with storage.explained():
            path.unlink()
    except FileNotFoundError:
        raise _unknown(name) from None
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)


def _path_of(name: object) -> Path:
    try:
        is_name = isinstance(name, str) and make_slug(name, "class") == name
    except InvalidSettingError:
        is_name = False
    if not is_name:
        raise _unknown(name)
    return classrooms_folder() / f"{name}.json"


def _unknown(name: object) -> ClassroomNotFoundError:
    return ClassroomNotFoundError(f"There must be a class of that name. Received: {name!a:.80}.")
