import sys
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from fmnist_core.baselines import (
    BASELINES,
    check_installed,
    count_parameters,
    flatten,
    predict_probabilities,
    write_code,
)
from fmnist_core.errors import FmnistError
from fmnist_core.fitting import fit_baseline


@pytest.mark.parametrize("name", BASELINES)
def test_its_code_stands_alone_and_fits_the_same_classifier(name, dataset):
    namespace = {}
    exec(write_code(name), namespace)
    written, ours = namespace["classifier"], BASELINES[name].build(0)
    images, labels = dataset.images[:200], dataset.labels[:200]
    # Several threads would sum in another order each time.
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        answers = [predict_probabilities(made.fit(flatten(images), labels), images) for made in (written, ours)]
    np.testing.assert_array_equal(*answers)


def test_its_code_does_not_name_the_lab():
    for name in BASELINES:
        assert "fmnist" not in write_code(name)


def test_a_class_without_items_has_no_probability(dataset):
    items = np.flatnonzero(dataset.labels[:1000] != 8)
    classifier = fit_baseline("baselines/k-nearest-neighbors", dataset.images[items], dataset.labels[items])
    assert not predict_probabilities(classifier, dataset.test_images[:20])[:, 8].any()


def test_what_is_counted_is_what_was_learned(dataset):
    images, labels = dataset.images[:300], dataset.labels[:300]
    counts = {name: count_parameters(fit_baseline(name, images, labels)) for name in BASELINES}
    forest = counts.pop("baselines/random-forest")
    assert counts == {
        "baselines/logistic-regression": 10 * (784 + 1),
        "baselines/k-nearest-neighbors": 0,
        # Three folds; for each class a hyperplane, and a slope and an offset that make its distance a probability.
        "baselines/linear-svm": 3 * 10 * (784 + 1 + 2),
        "baselines/hog-svm": 3 * 10 * (1_296 + 1 + 2),
    }
    assert counts == {name: BASELINES[name].parameters for name in counts}
    # A tree that tells ten classes apart has asked nine questions at least; one for each pair of its 300 items at most.
    assert 100 * 9 < forest < 100 * 299


def test_without_scikit_learn_it_is_said_what_to_install(monkeypatch):
    check_installed()
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(FmnistError, match="scikit-learn must be installed to fit a classical classifier"):
        check_installed()
