"""The settings of a projection as one value, and the name under which its result is kept. Without scikit-learn."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.selection import PARTS
from fmnist_core.settings import Settings, check_choice, check_real, check_whole

# Raised when the same settings begin to give another result, so that old files are no longer taken for it.
_VERSION = 1

METRICS = {"euclidean": "Euclidean", "cosine": "Cosine", "manhattan": "Manhattan"}


@dataclass(frozen=True)
class Method:
    """A way to lay items out in two or three dimensions.

    Attributes:
        title: for the user.
        description: one sentence on what it keeps and what it loses.
        settings: the fields of `ProjectionConfig` that matter to it beside those that matter to all.
    """

    title: str
    description: str
    settings: tuple[str, ...]


METHODS: dict[str, Method] = {
    "pca": Method(
        "PCA",
        "The flat shadow that keeps the most variance: what lies apart is apart, what lies together need not be.",
        (),
    ),
    "umap": Method(
        "UMAP",
        "Keeps neighbours together and families of classes near each other; distances between islands say little.",
        ("n_neighbors", "min_dist", "metric", "seed"),
    ),
    "tsne": Method(
        "t-SNE",
        "Keeps neighbours together and fills the sheet evenly; sizes of islands and gaps between them say nothing.",
        ("perplexity", "metric", "seed"),
    ),
    "axis": Method(
        "Custom axis",
        "From the mean of one class to the mean of another; across it, what varies most besides.",
        ("from_class", "to_class"),
    ),
}

SPACES = {
    "pixels": "The 784 pixels",
    "components": "First principal components",
    "layer": "Penultimate layer of a run",
}


@dataclass(frozen=True)
class ProjectionConfig(Settings):
    """Everything that determines a projection, checked on construction.

    Attributes:
        method: key of `METHODS`.
        dimensions: 2 or 3.
        space: key of `SPACES`, where the projection starts from.
        n_components: how many principal components, 2 to 784; only for the space "components".
        run_id: whose penultimate layer; only for the space "layer".
        network: checksum of that run's network, see `projection_files.name_network`; a run that went on has another.
        standardised: scale every pixel (or output of the layer) to mean 0 and variance 1 first.
        part: key of `selection.PARTS`; ignored if `chosen` is given.
        per_class: items of each class, at random; 0 for all of them.
        items_seed: decides which, 0 to 2**31 - 1.
        chosen: id of a kept list of items, see `chosen_items`; empty for none.
        n_neighbors: of UMAP, 2 to 200.
        min_dist: of UMAP, 0 to 0.99.
        metric: key of `METRICS`.
        perplexity: of t-SNE, 2 to 100.
        from_class, to_class: class indices that a custom axis joins.
        seed: decides what is random in UMAP and t-SNE, 0 to 2**31 - 1.

    Raises:
        InvalidSettingError: for the first setting that breaks its rule.
    """

    method: str = "umap"
    dimensions: int = 2
    space: str = "components"
    n_components: int = 50
    run_id: str = ""
    network: str = ""
    standardised: bool = False
    part: str = "all"
    per_class: int = 0
    items_seed: int = 0
    chosen: str = ""
    n_neighbors: int = 15
    min_dist: float = 0.1
    metric: str = "euclidean"
    perplexity: float = 30.0
    from_class: int = CLASS_NAMES.index("Coat")
    to_class: int = CLASS_NAMES.index("Shirt")
    seed: int = 0

    def __post_init__(self) -> None:
        for name, choices in (("method", METHODS), ("space", SPACES), ("metric", METRICS), ("part", PARTS)):
            check_choice(name, getattr(self, name), choices)
        for name, (lowest, highest) in _WHOLE.items():
            check_whole(name, getattr(self, name), lowest, highest)
        for name, (low, high) in _REAL.items():
            check_real(name, getattr(self, name), low, high)
        if not isinstance(self.standardised, bool):
            raise InvalidSettingError(f"`standardised` must be true or false. Received: {self.standardised}.")
        for name in ("run_id", "network", "chosen"):
            if not isinstance(getattr(self, name), str):
                raise InvalidSettingError(f"`{name}` must be a text. Received: {getattr(self, name)}.")
        if self.space == "layer" and not self.run_id:
            raise InvalidSettingError("`run_id` must name a run when `space` is layer. Received: none.")
        if self.method in ("pca", "axis") and self.space == "components" and self.n_components < self.dimensions:
            raise InvalidSettingError(
                f"`n_components` must be at least the number of `dimensions`, {self.dimensions}. "
                f"Received: {self.n_components}."
            )
        if self.method == "axis" and self.from_class == self.to_class:
            raise InvalidSettingError(
                f"`from_class` and `to_class` must be two classes. Received: {CLASS_NAMES[self.from_class]} twice."
            )

    @property
    def relevant(self) -> dict[str, Any]:
        """The settings that the result depends on; those of other methods, spaces and choices are left out."""
        names = ["method", "dimensions", "space", "standardised", *METHODS[self.method].settings]
        names += {"pixels": [], "components": ["n_components"], "layer": ["run_id", "network"]}[self.space]
        names += ["chosen"] if self.chosen else ["part"]
        names += ["per_class", "items_seed"] if self.per_class else []
        # 30 and 30.0 are the same question, but not the same JSON.
        return {name: float(getattr(self, name)) if name in _REAL else getattr(self, name) for name in names}

    @property
    def key(self) -> str:
        """Name of the result: 16 hexadecimal digits that are the same if and only if the result is."""
        text = json.dumps([_VERSION, self.relevant], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        """The projection in a few words."""
        return f"{METHODS[self.method].title} from {self.origin}"

    @property
    def origin(self) -> str:
        """What it starts from, in a few words."""
        space = {
            "pixels": "the pixels",
            "components": f"{self.n_components} principal components",
            "layer": f"the penultimate layer of {self.run_id}",
        }[self.space]
        return f"{space}, standardised" if self.standardised else space

    def check_items(self, n_items: int) -> None:
        """Check that the settings suit the number of items.

        Raises:
            InvalidSettingError: if there are too few.
        """
        asked = {"umap": "n_neighbors", "tsne": "perplexity"}.get(self.method)
        if asked is not None:
            value = getattr(self, asked)
            # t-SNE looks at three times as many neighbours as its perplexity; each item has n - 1.
            needed = int(3 * value) + 1 if asked == "perplexity" else value + 1
            if n_items < needed:
                raise InvalidSettingError(
                    f"`{asked}` {value:g} needs at least {needed:,} items; choose more items or a smaller "
                    f"`{asked}`. Received: {n_items:,} items."
                )
        if n_items <= self.dimensions:
            raise InvalidSettingError(
                f"A projection needs at least {self.dimensions + 1} items. Received: {n_items:,} items."
            )
        if self.space == "components" and n_items < self.n_components:
            raise InvalidSettingError(
                f"`n_components` must be at most the number of items, {n_items:,}. Received: {self.n_components}."
            )


_SEEDS = (0, 2**31 - 1)
_WHOLE = {
    "dimensions": (2, 3),
    "n_components": (2, 784),
    "per_class": (0, 7000),
    "items_seed": _SEEDS,
    "n_neighbors": (2, 200),
    "from_class": (0, 9),
    "to_class": (0, 9),
    "seed": _SEEDS,
}
_REAL = {"min_dist": (0, 0.99), "perplexity": (2, 100)}
