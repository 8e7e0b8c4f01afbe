"""Each check is shown the paper, and a paper made by hand of which the opposite is true."""

from dataclasses import replace

import numpy as np
import pytest

from fmnist_core.architectures import build_model, find_stack
from fmnist_core.papers.checks import KINDS, check_document
from fmnist_core.papers.documents import PAPERS, Statement, load_documents
from fmnist_core.papers.findings import AMBIGUOUS, CONTRADICTION, HOLDS, IMPLAUSIBLE
from fmnist_core.papers.network_checks import count_inputs, write_defaults_out
from fmnist_core.papers.results import Result

EXPECTED = {
    "threads": {
        "same-network": CONTRADICTION,
        "convolutions-threads/model-2": CONTRADICTION,
        "items": AMBIGUOUS,
        "gap-threads/model-2": HOLDS,
        "cited-LeNet-5": IMPLAUSIBLE,
        "cited-CNN-dropout-3": IMPLAUSIBLE,
    },
    "conquering": {
        "start": IMPLAUSIBLE,
        "overfitting": CONTRADICTION,
        "outperforming": IMPLAUSIBLE,
        "times": HOLDS,
    },
    "fitch": {
        "recall-fitch/model-7": CONTRADICTION,
        "recall-fitch/model-8": CONTRADICTION,
        "swap-fitch/model-7-fitch/model-8": AMBIGUOUS,
        "f1-fitch/model-7": HOLDS,
        "f1-fitch/model-8": HOLDS,
        "total-fitch/model-7": HOLDS,
        "total-fitch/model-8": HOLDS,
        "hits-fitch/model-7": HOLDS,
        "validation-is-test": IMPLAUSIBLE,
        "misclassification-rate": HOLDS,
        "train–test-delta": HOLDS,
        "champion": CONTRADICTION,
        "increase": AMBIGUOUS,
        "places-dropout-fitch/model-7": AMBIGUOUS,
        "places-cited-Kadam et al. (2020)": CONTRADICTION,
        "better-than": HOLDS,
        "cited-CNN of Kadam et al.": IMPLAUSIBLE,
    },
    "mcnn": {
        "recall-mcnn/proposed": HOLDS,
        "f1-mcnn/proposed": HOLDS,
        "total-mcnn/proposed": HOLDS,
        "odd-row-mcnn/proposed": IMPLAUSIBLE,
        "parameters": HOLDS,
        "monitor-val_acc": CONTRADICTION,
        "monitor-val_accuracy": HOLDS,
    },
    "silwimba": {
        "places-test-silwimba/network-2-trial-2": CONTRADICTION,
        "places-dropout-silwimba/network-2-trial-2": AMBIGUOUS,
        "stride": CONTRADICTION,
        "channels-silwimba/network-1-trial-4": CONTRADICTION,
        "best-trials": IMPLAUSIBLE,
        "better-kernels": CONTRADICTION,
        "epochs": CONTRADICTION,
        "steps-silwimba/network-1-trial-4": HOLDS,
        "steps-silwimba/network-1-trial-6": IMPLAUSIBLE,
    },
}


@pytest.mark.parametrize("key", PAPERS)
def test_what_is_found_in_the_papers(key):
    findings = check_document(load_documents()[key])
    assert {finding.key: finding.kind for finding in findings} == EXPECTED[key]
    assert len(findings) == len(EXPECTED[key])
    order = [list(KINDS).index(finding.kind) for finding in findings]
    assert order == sorted(order)
    assert all(finding.title and finding.claim and finding.computed and finding.reasoning for finding in findings)


def _find(document, key):
    return next((finding for finding in check_document(document) if finding.key == key), None)


def _with_claims(document, name, **claims):
    """Return the document with other claims of a recipe."""

    def change(recipe):
        return replace(recipe, claims={**recipe.claims, **claims}) if recipe.name == name else recipe

    tables = [replace(table, recipes=tuple(map(change, table.recipes))) for table in document.tables]
    return replace(document, tables=tuple(tables))


def _with_statements(document, *statements):
    return replace(document, statements=tuple(statements))


FITCH, MCNN, SILWIMBA, THREADS, CONQUERING = (
    load_documents()[key] for key in ("fitch", "mcnn", "silwimba", "threads", "conquering")
)


def test_numbers_of_the_reports():
    assert "Mean recall 0.8850" in _find(FITCH, "recall-fitch/model-7").computed
    assert "Mean recall 0.9040" in _find(FITCH, "recall-fitch/model-8").computed
    assert "printed they are 3.23 and 3.18 points" in _find(FITCH, "swap-fitch/model-7-fitch/model-8").computed
    assert "swapped 1.33 and 1.28" in _find(FITCH, "swap-fitch/model-7-fitch/model-8").computed


@pytest.mark.parametrize(("claimed", "kind"), [(0.885, HOLDS), (0.89005, HOLDS), (0.8902, CONTRADICTION)])
def test_a_report_that_agrees_with_its_accuracy_holds_within_rounding(claimed, kind):
    assert _find(_with_claims(FITCH, "fitch/model-7", test=claimed), "recall-fitch/model-7").kind == kind


def test_reports_that_fit_are_not_swapped():
    fitting = _with_claims(_with_claims(FITCH, "fitch/model-7", test=0.885), "fitch/model-8", test=0.904)
    assert _find(fitting, "swap-fitch/model-7-fitch/model-8") is None


def test_a_wrong_report_is_found_out():
    first, second = FITCH.reports
    wrong_f1 = replace(first, f1=(0.86, *first.f1[1:]))
    assert _find(replace(FITCH, reports=(wrong_f1, second)), "f1-fitch/model-7").kind == CONTRADICTION
    wrong_precision = replace(first, precision=(0.5, *first.precision[1:]))
    assert _find(replace(FITCH, reports=(wrong_precision, second)), "total-fitch/model-7").kind == CONTRADICTION
    wrong_recall = replace(first, recall=(*first.recall[:6], 0.72, *first.recall[7:]))
    assert _find(replace(FITCH, reports=(wrong_recall, second)), "hits-fitch/model-7").kind == CONTRADICTION


def test_claims_of_which_the_opposite_holds():
    other = _with_claims(_with_claims(FITCH, "fitch/model-5", test=0.8929), "fitch/model-6", test=0.8773)
    assert _find(other, "validation-is-test") is None
    assert _find(other, "misclassification-rate").kind == CONTRADICTION
    assert _find(other, "train–test-delta").kind == CONTRADICTION
    assert _find(_with_claims(FITCH, "fitch/model-4", test=0.91), "better-than").kind == CONTRADICTION
    assert _find(_with_statements(FITCH, Statement("champion", 7, "here")), "champion").kind == HOLDS
    base = Statement("increase-base", 0.7, "there")
    in_per_cent = _with_statements(FITCH, Statement("increase", (0.246, 0.31), "here"), base)
    assert _find(in_per_cent, "increase").kind == HOLDS
    assert _find(_with_claims(MCNN, "mcnn/proposed", validation=0.936), "odd-row-mcnn/proposed").kind == HOLDS
    assert _find(_with_claims(THREADS, "threads/model-2", train=0.93), "gap-threads/model-2").kind == CONTRADICTION
    raised = _with_claims(SILWIMBA, "silwimba/network-1-trial-2", validation=0.873)
    assert _find(raised, "best-trials").kind == HOLDS


@pytest.mark.parametrize(
    ("document", "statement", "key"),
    [
        (THREADS, Statement("same-network", ("threads/model-1", "threads/model-3"), "here"), "same-network"),
        (THREADS, Statement("convolutions", 1, "here", "threads/model-2"), "convolutions-threads/model-2"),
        (THREADS, Statement("items", (70_000, 70_000), "here"), "items"),
        (SILWIMBA, Statement("stride", (1, 1024), "here", "silwimba/network-1-trial-1"), "stride"),
        (SILWIMBA, Statement("channels", (16, 16), "here", "silwimba/network-1-trial-4"),
         "channels-silwimba/network-1-trial-4"),
        (SILWIMBA, Statement("better-kernels", (3, 4), "here"), "better-kernels"),
        (FITCH, Statement("places", 1, "here"), None),
    ],
)  # fmt: skip
def test_statements_that_are_true_hold(document, statement, key):
    changed = _with_statements(document, statement)
    if key is not None:
        assert _find(changed, key).kind == HOLDS
    assert not [finding for finding in check_document(changed) if finding.key.startswith("places-")]


def test_other_parameters_places_and_epochs_are_told_from_right_ones():
    wrong = Statement("parameters", (213_353, 211_690), "here", "mcnn/proposed")
    assert _find(_with_statements(MCNN, wrong), "parameters").kind == CONTRADICTION
    same = [Statement("test", 0.904, where, "silwimba/network-2-trial-2") for where in ("here", "there")]
    found = _find(_with_statements(SILWIMBA, *same), "places-test-silwimba/network-2-trial-2")
    assert found.kind == HOLDS
    one_epoch = _with_statements(CONQUERING, Statement("epochs", 10, "here"))
    assert _find(one_epoch, "epochs").kind == HOLDS


def test_a_log_that_begins_at_the_beginning_holds():
    (log,) = CONQUERING.logs
    honest = replace(
        log,
        accuracy=(0.7, 0.85, 0.9),
        val_accuracy=(0.82, 0.87, 0.965),
        loss=(0.8, 0.4, 0.3),
        val_loss=(0.5, 0.4, 0.3),
        seconds=(50, 50, 80),
        milliseconds=(500, 500, 500),
    )
    document = replace(CONQUERING, logs=(honest,))
    kinds = {finding.key: finding.kind for finding in check_document(document)}
    assert kinds == {"start": HOLDS, "overfitting": HOLDS, "outperforming": HOLDS, "times": CONTRADICTION}


def test_strides_and_inputs():
    stack = find_stack("silwimba/network-1-trial-1")
    assert (count_inputs(stack, 1), count_inputs(stack, 2)) == (1024, 256)


def test_equal_weights_give_equal_outputs():
    first, second = (find_stack(f"threads/model-{number}") for number in (1, 2))
    assert first != second
    assert write_defaults_out(first) == write_defaults_out(second)
    one, other = build_model(first), build_model(second)
    other.set_weights(one.get_weights())
    images = np.random.default_rng(0).integers(0, 256, (8, 28, 28, 1), dtype=np.uint8)
    np.testing.assert_array_equal(one.predict(images, verbose=0), other.predict(images, verbose=0))


def test_keras_logs_val_accuracy_and_no_val_acc():
    model = build_model(find_stack("fitch/model-8"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    images, labels = np.zeros((4, 28, 28, 1), dtype=np.uint8), np.arange(4)
    history = model.fit(images, labels, validation_data=(images, labels), verbose=0).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_a_claim_far_from_what_was_measured_is_implausible():
    def measured(accuracy, epochs=15):
        run = Result(
            **{"recipe": "silwimba/network-1-trial-2", "seed": 0, "split": "silwimba", "test_accuracy": 0.9},
            **{"test_loss": 0.3, "f1": 0.9, "train_accuracy": 0.9, "val_accuracy": accuracy, "epochs": epochs},
            **{"epochs_planned": 15, "seconds": 1.0, "parameters": 1, "device": "CPU", "precision": "float32"},
            **{"versions": "", "date": "2026-11-20", "run_hash": "0" * 12},
        )
        return [finding for finding in check_document(SILWIMBA, (run,)) if finding.key.startswith("measured-")]

    (found,) = measured(0.917)
    assert (found.kind, found.title) == (IMPLAUSIBLE, "Measured here, it is 8 points higher")
    assert measured(0.85) == []
    assert measured(0.917, epochs=3) == []
