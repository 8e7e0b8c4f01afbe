import pytest

from fmnist_core.papers.documents import PAPERS, load_documents
from fmnist_core.recipes import load_papers

FIGURES = {
    *("classes", "samples", "variance", "pca", "curves", "confusion", "report", "first_items", "first_mistakes"),
    *("optimizers", "pixels", "activation"),
}


@pytest.mark.parametrize("key", PAPERS)
def test_every_recipe_of_a_paper_stands_in_a_table_and_the_texts_are_there(key):
    document = load_documents()[key]
    assert set(document.recipes) == set(load_papers()[key].recipes)
    assert document.authors
    assert len(document.summary) > 200
    assert document.headline in document.recipes
    assert set(document.figures) <= FIGURES
    assert document.figures
    assert set(document.unmeasured) <= set(document.recipes)


@pytest.mark.parametrize("key", PAPERS)
def test_cells_reports_logs_and_statements_are_of_its_recipes(key):
    document = load_documents()[key]
    named = [*document.reports, *document.logs, *(item for item in document.statements if item.recipe)]
    assert {item.recipe for item in named} <= set(document.recipes)
    for table in document.tables:
        assert set(table.cells or {}) <= {recipe.name for recipe in table.recipes}
    for report in document.reports:
        assert len(report.precision) == len(report.recall) == len(report.f1) == 10
        assert all(0 <= value <= 1 for value in (*report.precision, *report.recall, *report.f1))
    for log in document.logs:
        assert len({len(getattr(log, name)) for name in ("loss", "accuracy", "val_loss", "seconds")}) == 1


def test_what_the_papers_print_is_as_printed():
    documents = load_documents()
    seventh, eighth = documents["fitch"].reports
    assert (seventh.recipe, seventh.where, seventh.recall[6]) == ("fitch/model-7", "Figure 7", 0.67)
    assert (eighth.recipe, eighth.precision[6]) == ("fitch/model-8", 0.71)
    assert sum(documents["mcnn"].reports[0].support) == 6_000
    assert documents["conquering"].logs[0].accuracy[0] == 0.9442
    assert [item.value for item in documents["silwimba"].find_statements("test")] == [0.904, 0.908]
    assert documents["threads"].find_statements("nothing") == ()
