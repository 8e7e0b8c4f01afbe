import json
import re

import pytest

from fmnist_core import runs
from fmnist_core.papers import running
from fmnist_core.papers.checks import check_document
from fmnist_core.papers.documents import PAPERS, load_documents
from fmnist_core.papers.results import find_results, load_results
from fmnist_core.papers.verdicts import VERDICTS, compare
from fmnist_core.recipes import find_recipe
from pages.shared.papers import starting

DOCUMENTS = load_documents()
FIGURES = [(key, figure) for key, document in DOCUMENTS.items() for figure in document.figures]


@pytest.fixture
def open_papers(open_page):
    return lambda **query: open_page("models/papers.py", **query)


def read_table(page, key):
    """Return what the component with a paper's table was given."""
    (element,) = [
        element for element in page.main if element.type == "bidi_component" and key in str(element.proto.id)
    ] or [None]
    return json.loads(element.proto.json)


def texts(page):
    return " ".join(element.value for kind in (page.markdown, page.caption) for element in kind)


def test_the_overview_counts_every_network_that_claims_a_figure_once(open_papers):
    page = open_papers()
    assert not page.exception
    assert page.title[0].value == "Papers"
    (score,) = [element.value for element in page.markdown if element.value.startswith("#### ")]
    claimed = {
        recipe.name
        for document in DOCUMENTS.values()
        for table in document.tables
        for recipe in table.recipes
        if recipe.claims
    }
    assert f"{len(claimed)} networks" in score
    badges = re.findall(r"[✓▲▼?] (\d+) (reproduced|above the claim|below the claim|cannot be told)", texts(page))
    assert {label for _, label in badges} == {verdict.label for verdict in VERDICTS.values()}
    assert sum(int(count) for count, _ in badges) == len(claimed)
    assert page.get("plotly_chart")
    assert len(page.dataframe[0].value) >= len(claimed)


def test_the_leaderboard_follows_the_url(open_papers):
    page = open_papers(by="operations", kind="literature")
    assert not page.exception
    assert set(page.dataframe[0].value["kind"]) == {"Claimed elsewhere"}
    assert "all you see are claims" in texts(page)


def test_claims_stand_beside_results(open_papers):
    page = open_papers(board="Who promised too much")
    assert not page.exception
    assert not page.dataframe
    assert "below what is claimed" in texts(page)


@pytest.mark.parametrize("key", PAPERS)
@pytest.mark.parametrize("part", ["Claims", "Figures", "Contradictions", "Notes"])
def test_every_tab_of_every_paper_is_shown(open_papers, key, part):
    page = open_papers(paper=key, part=part)
    assert not page.exception
    assert not page.error
    assert any(DOCUMENTS[key].label in element.value for element in page.markdown)
    assert DOCUMENTS[key].title in texts(page)
    assert page.query_params["paper"] == key


@pytest.mark.parametrize(("key", "figure"), FIGURES, ids=[f"{key}-{figure}" for key, figure in FIGURES])
def test_every_figure_of_every_paper_is_drawn(open_papers, key, figure):
    page = open_papers(paper=key, part="Figures", figure=figure)
    assert not page.exception
    assert not page.error
    assert "the paper" in texts(page).lower()


@pytest.mark.parametrize("key", PAPERS)
def test_the_headline_is_what_is_claimed_and_what_came_out(open_papers, key):
    page = open_papers(paper=key)
    claims, headline = find_recipe(DOCUMENTS[key].headline).claims, DOCUMENTS[key].headline
    name = next(name for name in ("test", "f1", "validation", "train") if name in claims)
    values = [metric.value for metric in page.metric]
    assert values[0] == f"{100 * claims[name]:.2f}%"
    attribute = {"test": "test_accuracy", "f1": "f1", "validation": "val_accuracy"}[name]
    found = [getattr(result, attribute) for result in find_results(load_results(), headline) if result.complete]
    assert values[1] == (f"{100 * sum(found) / len(found):.2f}%" if found else "not yet")


@pytest.mark.parametrize(("key", "number"), [(key, n) for key in PAPERS for n in range(len(DOCUMENTS[key].tables))])
def test_a_table_has_a_row_for_each_network_with_claim_result_and_verdict(open_papers, key, number):
    page = open_papers(paper=key, table=str(number + 1))
    table = DOCUMENTS[key].tables[number]
    shown = read_table(page, f"claims-{key}-{number + 1}")
    lines = compare(table, DOCUMENTS[key], load_results())
    assert shown["label"] == table.title
    assert [row["name"] for row in shown["rows"]] == [recipe.name for recipe in table.recipes]
    for row, line in zip(shown["rows"], lines, strict=True):
        assert row["verdict"] == {"key": line.verdict, **VERDICTS[line.verdict]._asdict()}
        for name, figure in line.figures.items():
            cell = row["figures"][name]
            assert cell["claimed"] == line.recipe.claims.get(name)
            assert cell["mean"] == (figure.measured.mean if figure.measured else None)
            for scale in shown["figures"]:
                if scale["key"] == name and figure.measured:
                    assert scale["low"] <= cell["low"] <= cell["high"] <= scale["high"]


def test_contradictions_are_counted_and_shown(open_papers):
    page = open_papers(paper="fitch", part="Contradictions")
    findings = check_document(DOCUMENTS["fitch"], load_results())
    assert findings
    for finding in findings:
        assert f"**{finding.title}**" in texts(page)
        assert finding.claim in texts(page)
        assert finding.computed in texts(page)


def test_notes_that_all_networks_share_are_told_once(open_papers):
    page = open_papers(paper="mcnn", part="Notes")
    assert texts(page).count("the official test items are never used") == 1
    assert "padded to 32×32" in texts(page)


def test_who_comes_from_train_is_not_shown_what_was_chosen_there(open_page):
    page = open_page("models/train.py", recipe="fitch/model-7")
    page.query_params.clear()
    page.switch_page("models/papers.py").run()
    assert any("networks" in element.value for element in page.markdown if element.value.startswith("#### "))
    assert "paper" not in page.query_params


def test_a_run_of_ones_own_is_listed_with_its_recipe(open_papers):
    run = runs.create_run(find_recipe("fitch/model-8").config, "fitch/model-8", status=runs.STOPPED)
    active = runs.create_run(find_recipe("fitch/model-8").config, "fitch/model-8")
    rows = {row["name"]: row for row in read_table(open_papers(paper="fitch"), "claims-fitch-1")["rows"]}
    assert [link["id"] for link in rows["fitch/model-8"]["runs"]] == [run.run_id]
    assert rows["fitch/model-8"]["active"] == [
        {
            "id": active.run_id,
            "text": "Queued: watch it on Train",
            "href": f"train?recipe=fitch%2Fmodel-8&run={active.run_id}",
        }
    ]
    assert run.run_id not in str(rows["fitch/model-1"])


@pytest.mark.parametrize(("epochs", "quick"), [(1, 1), (4, 1), (10, 1), (15, 2), (50, 5), (100, 10)])
def test_quick_is_a_tenth_of_the_epochs_and_changes_nothing_else(epochs, quick):
    config = type(find_recipe("mcnn/proposed").config).from_dict(
        {**find_recipe("mcnn/proposed").config.to_dict(), "epochs": epochs}
    )
    short = running.shorten(config)
    assert short.epochs == quick
    assert {**short.to_dict(), "epochs": epochs} == config.to_dict()


def test_how_long_it_takes_is_told_by_what_was_recorded():
    config, result = find_recipe("fitch/model-8").config, find_results(load_results(), "fitch/model-8")[0]
    assert starting.estimate_seconds(config, ()) is None
    assert starting.estimate_seconds(config, (result,)) == pytest.approx(result.seconds / result.epochs * config.epochs)
    assert result.device in starting.say_plan(config, (result,))
    assert "nobody has recorded" in starting.say_plan(config, ())
