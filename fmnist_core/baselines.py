"""Classical classifiers that the papers compare their networks with, by scikit-learn: fitted once, no epochs.

They take the same raw pixels as the networks and answer with probabilities, so that the same figures can be worked
out for them.
"""

import ast
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import hog
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.settings import Settings

# What determines a fit; all other settings of a training have no meaning for it.
SETTINGS = ("split", "validation_split", "subset", "seed", "folds", "fold")
KEPT_SETTINGS = ("architecture", "epochs", *SETTINGS)
# Probabilities are learned on three folds, and each needs one of every class.
_FEWEST_OF_A_CLASS = 3


@dataclass(frozen=True)
class Baseline:
    """A classifier to fit.

    Attributes:
        build: makes the untrained scikit-learn estimator from a seed; it takes (n, 784) float32, 0 to 1, and has
            predict_proba.
        parameters: how many numbers it will have learned, of all ten classes; 0 if that depends on the items.
        learns: what these numbers are, in words.
        decides: how it comes to an answer, in a few sentences.
        unit: what `parameters` counts, in a word.
        works_when_asked: whether fitting is nothing and answering is all the work.
    """

    build: Callable[[int], Any]
    parameters: int
    learns: str
    decides: str
    unit: str = "numbers"
    works_when_asked: bool = False


def check_installed() -> None:
    """Raise FmnistError unless scikit-learn, which is not needed to train networks, is there."""
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise FmnistError(
            "scikit-learn must be installed to fit a classical classifier: pip install scikit-learn."
        ) from None


def check_settings(settings: Settings) -> None:
    """Check the settings of a training that is the fit of a baseline.

    Raises:
        InvalidSettingError: if it is to have more than one epoch, or another setting that has no meaning for it
            differs from its default.
    """
    for entry in fields(settings):
        value = getattr(settings, entry.name)
        if entry.name == "epochs" and value != 1:
            raise InvalidSettingError(
                f"A classical classifier is fitted once, so `epochs` must be 1. Received: {value}."
            )
        if entry.name not in KEPT_SETTINGS and value != entry.default:
            raise InvalidSettingError(
                f"`{entry.name}` must be left out: a classical classifier takes only "
                f"{', '.join(f'`{name}`' for name in SETTINGS)}. Received: {value}."
            )


def check_items(labels: NDArray[np.uint8]) -> None:
    """Raise InvalidSettingError unless there are enough items of each class to fit a baseline."""
    counts = np.bincount(labels, minlength=len(CLASS_NAMES))
    if counts.min() < _FEWEST_OF_A_CLASS:
        raise InvalidSettingError(
            f"A classical classifier must have at least {_FEWEST_OF_A_CLASS} training items of each class. "
            f"Received: {counts.min()} of {CLASS_NAMES[int(counts.argmin())]}."
        )


def flatten(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what a classifier takes, (n, 784) float32, 0 to 1, of images (n, 28, 28) uint8."""
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def predict_probabilities(classifier: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities of the ten classes, (n, 10) float32, of images (n, 28, 28) uint8."""
    probabilities = np.zeros((len(images), 10), np.float32)
    probabilities[:, classifier.classes_] = classifier.predict_proba(flatten(images))
    return probabilities


def count_parameters(classifier: Any) -> int:
    """Return how many numbers a fitted classifier has learned.

    Of linear ones these are weights and biases, and the two that turn each margin into a probability; of a forest
    the questions of its trees. The neighbours have learned none: they keep the items.
    """
    if hasattr(classifier, "steps"):
        return count_parameters(classifier[-1])
    if hasattr(classifier, "calibrated_classifiers_"):
        parts = classifier.calibrated_classifiers_
        return sum(count_parameters(part.estimator) + 2 * len(part.calibrators) for part in parts)
    if hasattr(classifier, "estimators_"):
        return sum(int((tree.tree_.children_left >= 0).sum()) for tree in classifier.estimators_)
    if hasattr(classifier, "coef_"):
        return classifier.coef_.size + classifier.intercept_.size
    return 0


def write_code(name: str) -> str:
    """Write a baseline as scikit-learn code that stands alone, with a seed of 0.

    Args:
        name: key of `BASELINES`.
    """
    source = Path(__file__).read_text(encoding="utf-8")
    builder = BASELINES[name].build.__name__
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    function = next(node for node in functions if node.name == builder)
    body = textwrap.dedent("\n".join(source.splitlines()[function.body[0].lineno - 1 : function.end_lineno]))
    code = body.replace("return ", "classifier = ").replace("=seed", "=0").replace("hog.compute_hog", "compute_hog")
    usage = (
        "\n\n# pixels: (n, 784), 0 to 1; labels: (n,), 0 to 9\n# classifier.fit(pixels, labels)"
        "\n# classifier.predict_proba(pixels)  # (n, 10)\n"
    )
    described = Path(hog.__file__).read_text(encoding="utf-8") + "\n\n" if "compute_hog" in code else ""
    return described + code + usage


def _logistic_regression(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=100, random_state=seed)


def _nearest_neighbors(_seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_neighbors=5, algorithm="brute")


def _random_forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=100, n_jobs=-1, random_state=seed)


def _linear_svm(seed: int) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    # A support vector machine has no probabilities of its own; Platt's way is learned on three folds.
    return CalibratedClassifierCV(LinearSVC(C=0.01, dual=True, random_state=seed), cv=3)


def _hog_svm(seed: int) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from sklearn.svm import LinearSVC

    # A support vector machine has no probabilities of its own; Platt's way is learned on three folds.
    machine = CalibratedClassifierCV(LinearSVC(C=0.03, dual=True, random_state=seed), cv=3)
    return make_pipeline(FunctionTransformer(hog.compute_hog), machine)


_BY_FOLDS = "planes of three machines, each fitted on two thirds of the items, and what makes distances probabilities"

BASELINES: dict[str, Baseline] = {
    "baselines/logistic-regression": Baseline(
        _logistic_regression,
        10 * 785,
        "a weight for each pixel and a bias, for each class",
        "Each class has a picture of weights. An item is laid over it, every pixel is multiplied by its weight, and "
        "the ten sums become probabilities by a softmax: it is a neural network without any layer between.",
    ),
    "baselines/k-nearest-neighbors": Baseline(
        _nearest_neighbors,
        0,
        "nothing; it keeps the training items themselves",
        "It looks through all training items for the five whose pixels differ least from those of the item in "
        "question, and these five vote. Fitting is nothing, answering is all the work.",
        works_when_asked=True,
    ),
    "baselines/random-forest": Baseline(
        _random_forest,
        0,
        "the questions of its trees, counted when they have grown",
        "A hundred trees each ask a chain of questions, “is this pixel brighter than that?”, and name a class at its "
        "end. Each has grown on a random draw of the items and looks at random pixels, so that they err in "
        "different ways, and their votes are shares of 100.",
        unit="questions",
    ),
    "baselines/linear-svm": Baseline(
        _linear_svm,
        3 * 10 * (785 + 2),
        _BY_FOLDS,
        "For each class it lays a plane between its items and all others in the space of 784 pixels, as far from "
        "both as can be. How far an item lies on the right side is made a probability by Platt's scaling.",
    ),
    "baselines/hog-svm": Baseline(
        _hog_svm,
        3 * 10 * (1297 + 2),
        _BY_FOLDS,
        "Planes as those of the linear support vector machine, but in the space of 1,296 numbers that tell in which "
        "directions edges run, region by region. What is bright or dark no longer matters, only where it changes.",
    ),
}
