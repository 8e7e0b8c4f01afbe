import json

import numpy as np
import pytest
from PIL import Image

from fmnist_core import cli, runs
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InvalidSettingError
from fmnist_core.photographs import compare_ways, find_photographs
from fmnist_core.photos.segmentation import STRATEGIES
from fmnist_core.ways import list_ways, resize_negated, resize_plainly

PLAIN = "mcnn-proposed"


@pytest.fixture(scope="module")
def album(dataset, tmp_path_factory):
    """Three test items of each class as photographs: dark on cream, large, off the middle; and a file that is none."""
    folder = tmp_path_factory.mktemp("album")
    for class_index, name in enumerate(CLASS_NAMES):
        group = folder / f"{class_index}-{name.replace('/', '-').replace(' ', '-').lower()}"
        group.mkdir()
        for number, item in enumerate(np.flatnonzero(dataset.test_labels == class_index)[:3]):
            garment = np.kron(dataset.test_images[item], np.ones((8, 8)))[..., None] / 255
            photograph = np.full((320, 400, 3), (250, 248, 240), np.float64)
            place = photograph[60:284, 120:344]
            place[:] = place * (1 - garment) + np.array([90, 60, 50]) * garment
            Image.fromarray(photograph.round().astype(np.uint8)).save(group / f"{number}.png")
    (folder / "0-t-shirt-top" / "9.png").write_text("no picture")
    return folder


def test_each_naive_way_does_what_its_title_says():
    halves = np.zeros((56, 56, 3), np.uint8)
    halves[28:] = 200
    small = resize_plainly(halves)
    assert (small.shape, small.dtype) == ((28, 28), np.uint8)
    assert (small[:13].max(), small[15:].min()) == (0, 200)
    assert (resize_negated(halves) == 255 - small).all()


def test_ways_can_be_chosen_by_their_keys():
    run = runs.load_run(PLAIN)
    keys = [way.key for way in list_ways(run, run)]
    assert len(set(keys)) == len(keys)
    assert {"naive", "negated", "plain", "ours", *(f"cut-{key}" for key in STRATEGIES)} <= set(keys)
    assert [way.key for way in list_ways(run, run, ["ours", "naive"])] == ["naive", "ours"]
    with pytest.raises(InvalidSettingError, match=r"`ways` must be some of naive, .*\. Received: theirs\."):
        list_ways(run, run, ["theirs"])


def test_the_labs_own_way_recognises_what_naive_ones_do_not(album):
    run = runs.load_run(PLAIN)
    comparison = compare_ways(find_photographs(album), list_ways(run, run, ["naive", "negated", "ours"]))
    naive, negated, ours = (outcome.right.mean() for outcome in comparison.outcomes)
    assert max(naive, negated) < 0.4
    assert ours > 0.6
    assert [path.name for path in comparison.unreadable] == ["9.png"]


# --- python -m fmnist_core bench ---


def test_the_command_prints_each_way_classes_and_the_curve(album, fmnist_home, capfd):
    assert cli.main(["bench", "--photos", str(album), "--ways", "naive,ours", "--run", PLAIN]) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert lines[0].startswith(f"{album / '0-t-shirt-top' / '9.png'}: A picture must be a ")
    assert lines[1].startswith("30 photographs, read in 0.")
    assert [line.split()[0] for line in lines[4:6]] == ["naive", "ours"]
    assert [line.split()[0] for line in lines if " of 3 " in line] == 2 * [
        group.name for group in sorted(album.iterdir())
    ]
    assert sum(line.startswith("  … right among these") for line in lines) == 2


def test_its_json_holds_what_everything_follows_from(album, fmnist_home, capfd):
    assert cli.main(["bench", "--photos", str(album), "--ways", "ours", "--half", "even", "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert (report["photographs"], report["unreadable"]) == (20, [])
    (ours,) = report["ways"]
    answers = ours["answers"]
    assert len(answers) == 20
    right = sum(answer["right"] for answer in answers)
    assert ours["all"]["value"] == ours["even"]["value"] == pytest.approx(right / 20)
    assert ours["odd"] is None
    assert all(answer["file"].endswith(("0.png", "2.png")) for answer in answers)
    assert all(str(answer["class_index"]) in answer["file"].split("/")[-2] for answer in answers if answer["right"])
    answered = [answer for answer in answers if not answer["abstained"]]
    assert ours["answered"] == len(answered)
    assert ours["of_those_answered"]["value"] == pytest.approx(
        np.mean([answer["right"] for answer in answered]), abs=1e-4
    )
    assert ours["groups"]["1-trouser"]["value"] == 1
    assert ours["abstention_curve"]["coverage"][-1] == 1
    assert ours["abstention_curve"]["accuracy"][-1] == pytest.approx(right / 20)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: --photos"),
        (["--photos", "nowhere"], "`photos` must be a folder. Received: nowhere, No such file or directory."),
        (["--photos", "tests", "--half", "third"], "argument --half: invalid choice: 'third'"),
        (["--photos", "tests", "--run", "nowhere"], "There must be a run of that name. Received: nowhere."),
        (["--photos", "tests", "--plain-run", "nowhere"], "There must be a run of that name. Received: nowhere."),
    ],
)
def test_what_the_user_gets_wrong_is_one_line(fmnist_home, call, arguments, complaint):
    code, out, err = call("bench", *arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert len(err.splitlines()) == 1


def test_nothing_but_bad_files_is_told_without_figures(tmp_path, fmnist_home, capfd):
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "a.png").write_bytes(b"")
    assert cli.main(["bench", "--photos", str(tmp_path), "--ways", "ours"]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    assert line.startswith(f"{tmp_path / '0' / 'a.png'}: A picture must have content.")
    assert cli.main(["bench", "--photos", str(tmp_path), "--ways", "ours", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["ways"] == []
