import csv
import io
import re
import zipfile
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core import cli, reporting, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import RunNotFoundError
from fmnist_core.reporting import page
from fmnist_core.run_data import load_evaluation

VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Reads a page: its text, its tags with their attributes, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.open = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.texts.append(text)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def shipped(dataset):
    return reporting.load_report(runs.load_run("mcnn-proposed"), dataset)


@pytest.fixture(scope="module")
def read(shipped):
    return Reader(reporting.write_html(shipped))


def test_every_tag_is_closed_and_nothing_is_fetched(shipped, read):
    assert read.open == []
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "link", "iframe", "object", "form", "a"})
    addresses = [
        attributes[name]
        for _, attributes in read.tags
        for name in ("src", "href", "xlink:href", "data", "action", "srcset", "poster")
        if name in attributes
    ]
    assert addresses
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    html = reporting.write_html(shipped)
    assert not re.search(r"https?:|url\(|@import", html)
    # The page itself forbids what it does not need.
    policy = next(attributes for tag, attributes in read.tags if attributes.get("http-equiv"))
    assert policy["content"].startswith("default-src 'none'; img-src data:")


def test_all_figures_stand_in_it(shipped, read):
    text = read.text
    for name, found in shipped.metrics.items():
        form = ".4f" if name in ("log_loss", "brier") else ".2%"
        assert f"{found.value:{form}} {found.low:{form}} to {found.high:{form}}" in text
    assert "93.16% of 10,000 test items" in text
    assert f"{len(shipped.mistakes)} are mistakes" in text
    cells = [text for text in read.texts if text.isdigit()]
    for count in shipped.confusion_matrix[shipped.confusion_matrix > 0].tolist():
        assert str(count) in cells
    for index, name in enumerate(CLASS_NAMES):
        values = shipped.classes.values[index]
        assert f"{values[0]:.1%}" in text
        assert name in text
    assert f"{shipped.reliability.expected_error:.2%}" in text
    assert f"{shipped.mending.temperature:.2f}" in text
    assert f"{shipped.roc.macro.area:.4f}" in text
    assert f"{shipped.precision_recall.macro.area:.4f}" in text


def test_the_run_and_its_circumstances_stand_in_it(shipped, read):
    record = shipped.run.record
    for said in ("mcnn-proposed", "mcnn/proposed", record["device"], "keras 3.15.1", "213,354", "train 54,000"):
        assert said in read.text
    for name, value in shipped.run.config.to_dict().items():
        assert name in read.text
        assert (value if isinstance(value, str) else page.json.dumps(value)) in read.texts


def test_the_most_confident_mistakes_are_shown_as_pictures(shipped, read):
    pictures = [attributes for tag, attributes in read.tags if tag == "img"]
    assert len(pictures) == page.SHOWN_MISTAKES
    first = shipped.answers.items[shipped.mistakes[0]] - 60_000
    assert pictures[0]["alt"].endswith(f", test {first}")
    assert f"The 60 most confident of {len(shipped.mistakes)}" in read.text


@pytest.fixture
def make_report(fmnist_home, dataset):
    """Make the report of a run of any recipe's name, wrong about the first so many of 20 test items."""

    def make(recipe="threads/model-3", wrong=3, **entries):
        run = runs.create_run(TrainingConfig(), "threads/model-3", status=runs.FINISHED)
        items = np.arange(60_000, 60_020)
        labels = dataset.labels[items]
        probabilities = np.full((20, 10), 0.01, np.float32)
        probabilities[np.arange(20), (labels + (np.arange(20) < wrong)) % 10] = 0.91
        np.savez(run.path / "evaluation.npz", items=items, labels=labels, probabilities=probabilities)
        made = runs.Run(**{**vars(runs.load_run(run.run_id)), "recipe": recipe, "record": {**run.record, **entries}})
        return reporting.load_report(made, dataset)

    return make


def test_a_run_without_what_older_runs_lack_has_a_report_too(make_report):
    report = make_report()
    assert report.mending is None
    assert list(report.parts) == ["test"]
    read = Reader(reporting.write_html(report))
    assert "there is nothing to mend that with" in read.text
    assert "Overfitting" not in read.text
    assert "85.00% of 20 test items" in read.text


def test_a_run_without_mistakes_shows_none(make_report):
    read = Reader(reporting.write_html(make_report(wrong=0)))
    assert "Not a single mistake." in read.text
    assert "img" not in {tag for tag, _ in read.tags}


NAMES = st.one_of(
    st.sampled_from(["<script>alert(1)</script>", '"><img src=http://x>', "</title>&amp;&lt;", "a & b's"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
)


@pytest.fixture(scope="module")
def tags_expected(shipped):
    return [tag for tag, _ in Reader(reporting.write_html(shipped)).tags]


@settings(max_examples=30)
@given(recipe=NAMES, device=NAMES, version=NAMES)
def test_no_name_becomes_a_tag(shipped, tags_expected, recipe, device, version):
    record = {**shipped.run.record, "device": device, "versions": {"keras": version}}
    run = runs.Run(**{**vars(shipped.run), "recipe": recipe, "record": record})
    report = reporting.Report(**{**vars(shipped), "run": run})
    read = Reader(reporting.write_html(report))
    assert [tag for tag, _ in read.tags] == tags_expected
    said = "".join(read.texts)
    assert f"Mistakes of {recipe}" in said
    assert device in said
    assert f"keras {version}" in said


def open_tables(report):
    with zipfile.ZipFile(io.BytesIO(reporting.export_tables(report))) as files:
        assert files.testzip() is None
        return {name: files.read(name).decode() for name in files.namelist()}


def test_the_tables_are_those_of_the_run(make_report):
    report = make_report()
    files = open_tables(report)
    assert list(files) == ["scores.csv", "classes.csv", "confusion_matrix.csv", "predictions.csv", "mistakes.csv"]
    tables = {name: pd.read_csv(io.StringIO(text)) for name, text in files.items()}
    scores = tables["scores.csv"].set_index("score")
    assert scores.loc["accuracy", "value"] == 0.85
    matrix = tables["confusion_matrix.csv"].set_index("true class")
    assert list(matrix.columns) == list(matrix.index) == list(CLASS_NAMES)
    assert np.array_equal(matrix.to_numpy(), report.confusion_matrix)
    predictions = tables["predictions.csv"]
    assert predictions["item"].tolist() == list(range(60_000, 60_020))
    assert (predictions["official_split"] == "test").all()
    assert predictions["index"].tolist() == list(range(20))
    assert (~predictions["right"]).tolist() == [True] * 3 + [False] * 17
    assert predictions.filter(like="p ").sum(axis=1).to_numpy() == pytest.approx(1)
    mistakes = tables["mistakes.csv"]
    assert sorted(mistakes["index"]) == [0, 1, 2]
    classes = tables["classes.csv"].set_index("class")
    assert classes["support"].sum() == 20
    assert classes.loc["Ankle boot", "recall"] == report.classes.values[9, 1]


def test_tables_agree_with_the_shipped_answers(shipped):
    files = open_tables(shipped)
    rows = list(csv.DictReader(io.StringIO(files["predictions.csv"])))
    assert len(rows) == 10_000
    answers = load_evaluation(shipped.run)
    predicted = answers.probabilities.argmax(axis=1)
    assert [row["predicted"] for row in rows[:50]] == [CLASS_NAMES[index] for index in predicted[:50]]
    assert len(list(csv.DictReader(io.StringIO(files["mistakes.csv"])))) == int((predicted != answers.labels).sum())


def test_an_untested_run_has_no_report(fmnist_home, dataset):
    with pytest.raises(RunNotFoundError, match="has not been tested yet"):
        reporting.load_report(runs.create_run(TrainingConfig(), "threads/model-3"), dataset)


def test_the_command_line_writes_the_report_and_the_tables(tmp_path, capfd, fmnist_home):
    html, tables = tmp_path / "report.html", tmp_path / "tables.zip"
    assert cli.main(["evaluate", "mcnn-proposed", "--report", str(html), "--tables", str(tables)]) == 0
    assert "Mistakes of mcnn/proposed" in Reader(html.read_text(encoding="utf-8")).text
    with zipfile.ZipFile(tables) as files:
        assert len(files.namelist()) == 5
    assert "accuracy 93.16%" in capfd.readouterr().out


def test_a_report_that_cannot_be_written_is_said_in_a_line(tmp_path, capfd, fmnist_home):
    path = tmp_path / "nowhere" / "report.html"
    assert cli.main(["evaluate", "mcnn-proposed", "--report", str(path)]) == 2
    assert capfd.readouterr().err == (
        f"fmnist_core: The file must be one that can be written. Received: {path}: No such file or directory.\n"
    )
