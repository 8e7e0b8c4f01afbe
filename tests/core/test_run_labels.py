import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core import repeats, runs
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.run_labels import FILE, LONGEST_NOTE, Labels, is_plain, load_labels, read_labels, read_tags


@pytest.fixture
def run(fmnist_home):
    return runs.create_run(TrainingConfig("threads/ann", epochs=3, seed=7), "threads/ann")


def test_a_new_run_has_no_labels(run):
    assert run.labels == Labels() == Labels("", (), "", False)
    assert run.title.startswith("threads/ann · ")


def test_labels_are_kept_in_the_run_s_folder_and_come_back(run):
    labels = Labels("Ann, again", ("class 7b", "slow"), "First line.\nSecond: µ ≥ 0 👩‍🎓", True)
    runs.save_labels(run, labels)
    again = runs.load_run(run.run_id)
    assert again.labels == labels
    assert json.loads((run.path / FILE).read_text(encoding="utf-8")) == labels.to_dict() | {
        "tags": ["class 7b", "slow"]
    }
    assert {path.name for path in run.path.iterdir()} == {"run.json", FILE}


def test_a_name_is_the_title_everywhere_and_alike_names_are_told_apart(run):
    other = runs.create_run(run.config.with_settings(seed=8), "threads/ann")
    for one in (run, other):
        runs.save_labels(one, Labels("Mine"))
    named = [runs.load_run(one.run_id) for one in (run, other)]
    assert [one.title for one in named] == ["Mine", "Mine"]
    assert set(repeats.title_runs(named).values()) == {"Mine · seed 7", "Mine · seed 8"}
    assert all(label.startswith("Mine ") for label in repeats.label_runs(named))


def test_a_run_that_came_with_the_lab_is_not_labelled(fmnist_home):
    run = runs.load_run("threads-model-3")
    before = {path.name for path in run.path.iterdir()}
    with pytest.raises(FmnistError, match="A run that came with the lab cannot be labelled"):
        runs.save_labels(run, Labels("Mine"))
    assert {path.name for path in run.path.iterdir()} == before


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ({"name": "x" * 81}, "`name` must be 0 to 80 printable characters"),
        ({"name": " x"}, "without spaces around them"),
        ({"name": "a\nb"}, "`name` must be 0 to 80 printable"),
        ({"name": "a\x07b"}, "`name` must be 0 to 80 printable"),
        ({"name": "a\u202eb"}, "`name` must be 0 to 80 printable"),
        ({"name": "<b>"}, "without < > "),
        ({"name": "![](http://there)"}, "without < > "),
        ({"name": 5}, "`name` must be 0 to 80 printable"),
        ({"tags": ["a", "a"]}, "`tags` must differ from one another. Received: a, a."),
        ({"tags": ["a,b"]}, "A `tag` must have no comma. Received: a,b."),
        ({"tags": [""]}, "`tag` must be 1 to 30"),
        ({"tags": list("abcdefghijklm")}, "`tags` must be at most 12"),
        ({"tags": "abc"}, "`tags` must be at most 12"),
        ({"tags": [["a"]]}, "`tag` must be 1 to 30"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, "`note` must be at most 2,000"),
        ({"note": "\x00"}, "`note` must be at most 2,000"),
        ({"archived": 1}, "`archived` must be true or false. Received: 1."),
        ({"color": "red"}, "`setting` must be one of name, tags, note, archived. Received: color."),
        ([], "Labels must be given by name"),
    ],
)
def test_labels_that_break_a_rule_are_refused_with_the_rule(labels, complaint):
    with pytest.raises(InvalidSettingError) as refused:
        Labels.from_dict(labels)
    assert complaint in str(refused.value)


def test_tags_are_typed_with_commas_between_them():
    assert read_tags(" class 7b ,, slow,slow ,  very   slow") == ("class 7b", "slow", "very slow")
    assert read_tags("") == read_tags(" , ") == ()


def test_only_what_can_be_seen_is_plain():
    assert is_plain("é雲 👩‍🎓")
    assert not any(is_plain(text) for text in ("\n", "\t", "\x7f", "\u202e", "\ud800", "\ufeff"))
    assert is_plain("a\nb", breaks=True)
    assert not is_plain("a\tb", breaks=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.binary(max_size=80) | st.builds(lambda name: json.dumps({"name": name}).encode(), st.text(max_size=90)))
def test_whatever_stands_in_the_file_the_run_can_be_read(run, content):
    (run.path / FILE).write_bytes(content)
    found = runs.load_run(run.run_id).labels
    try:
        assert found == read_labels(content)
    except InvalidSettingError:
        assert found == Labels() == load_labels(run.path)
