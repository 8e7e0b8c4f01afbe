from dataclasses import replace

import pytest

from fmnist_core.papers.documents import load_documents
from fmnist_core.papers.results import Result, Summary
from fmnist_core.papers.verdicts import ABOVE, BELOW, REPRODUCED, UNKNOWN, VERDICTS, compare, judge

RESULT = Result(
    recipe="fitch/model-7",
    seed=0,
    split="official",
    test_accuracy=0.9119,
    test_loss=0.3,
    f1=0.91,
    train_accuracy=0.95,
    val_accuracy=0.92,
    epochs=10,
    epochs_planned=10,
    seconds=100.0,
    parameters=1,
    device="CPU",
    precision="float32",
    versions="",
    date="2026-11-20",
    run_hash="0" * 12,
)


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (0.9173, REPRODUCED),
        (0.9243, REPRODUCED),
        (0.9103, REPRODUCED),
        (0.92431, ABOVE),
        (0.91029, BELOW),
    ],
)
def test_the_margin_belongs_to_what_is_reproduced(measured, verdict):
    assert judge(0.9173, Summary(measured, None, 1)) == verdict


def test_without_claim_or_measurement_nothing_can_be_told():
    assert judge(None, Summary(0.9, None, 1)) == judge(0.9, None) == judge(None, None) == UNKNOWN
    assert set(VERDICTS) == {REPRODUCED, ABOVE, BELOW, UNKNOWN}


def _line(name, *results):
    document = load_documents()["fitch"]
    return next(line for line in compare(document.tables[0], document, results) if line.recipe.name == name)


def test_the_mean_over_complete_seeds_is_judged():
    good, bad = replace(RESULT, test_accuracy=0.9273), replace(RESULT, seed=1, test_accuracy=0.9073)
    cut = replace(RESULT, seed=2, test_accuracy=0.1, epochs=3)
    line = _line("fitch/model-7", bad, cut, good)
    assert line.figures["test"].measured.mean == pytest.approx(0.9173)
    assert line.figures["test"].measured.n == 2
    assert line.verdict == line.figures["test"].verdict == REPRODUCED
    assert [result.seed for result in line.results] == [0, 1, 2]
    assert line.seconds == Summary(100.0, 0.0, 2)
    assert line.words == "Test accuracy: claimed 91.73%, measured 92 ± 1%".replace(
        "92 ± 1%", "91.73 ± 1.41% (2 seeds): reproduced"
    )
    assert _line("fitch/model-7", good).verdict == ABOVE
    assert _line("fitch/model-7", cut).verdict == UNKNOWN
    assert _line("fitch/model-8", good).words == ("Test accuracy: claimed 87.22%, not measured: cannot be told")


def test_the_most_telling_claim_decides():
    threads, silwimba = load_documents()["threads"], load_documents()["silwimba"]
    assert [line.telling for line in compare(threads.tables[0], threads, ())] == [None, "test", "test", "f1"]
    assert compare(silwimba.tables[0], silwimba, ())[0].telling == "validation"
    mcnn = load_documents()["mcnn"]
    assert [bool(line.why_not) for line in compare(mcnn.tables[2], mcnn, ())] == [True, True, False]
