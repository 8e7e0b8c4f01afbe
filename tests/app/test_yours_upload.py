import io

import pytest
from PIL import Image

from fmnist_core import uploads
from fmnist_core.photo_examples import draw_example

BAD = b"%PDF-1.7 not a shoe"


@pytest.fixture
def page(open_page):
    return open_page("classify/yours.py", input="Upload")


@pytest.fixture
def encode(dataset):
    def encode(item, negative=False):
        image = dataset.images[item]
        return uploads.encode_png(255 - image if negative else image)

    return encode


def hand_in(page, *files):
    """Hand in files of names and contents; the types that browsers claim are not looked at."""
    return page.file_uploader[0].set_value([(name, content, "text/plain") for name, content in files]).run(timeout=60)


def headline(page):
    return page.subheader[-1].value


def shown(page, name):
    """The value of one of the inputs about the picture's way."""
    return next(widget for widget in find_inputs(page) if widget.key.startswith(f"chain {name} "))


def find_inputs(page):
    return [widget for kind in (page.selectbox, page.slider, page.toggle) for widget in kind if widget.key]


def caption(page, start):
    return next(caption.value for caption in page.caption if caption.value.startswith(start))


def press(page, key):
    return page.button(key=key).click().run(timeout=60)


def test_one_picture_gets_its_answer_its_name_and_its_way(page, encode):
    hand_in(page, ("trousers.png", encode(60_002)))
    assert headline(page).startswith("👖 Trouser, ")
    assert "trousers.png" in [text.value for text in page.text]
    assert caption(page, "Recognised").startswith("Recognised as: ready item.")
    assert not page.exception


def test_a_photograph_is_answered_and_its_way_told(page, dataset):
    hand_in(page, ("bag.dat", uploads.encode_png(draw_example("carpet", dataset.images))))
    assert "Bag" in headline(page)
    assert "photograph" in caption(page, "Recognised")
    assert "Garment found by" in caption(page, "Recognised")


def test_a_bad_file_is_told_in_one_sentence_and_the_next_is_answered(page, encode):
    hand_in(page, ("shoe.png", BAD))
    assert [error.value.split(":")[0] for error in page.error] == [
        "A picture must be a PNG, JPEG, WebP, GIF or BMP file. Received"
    ]
    assert headline(page) == "✏️ No picture"
    hand_in(page, ("trousers.heic", encode(60_002)))
    assert headline(page).startswith("👖 Trouser, ")
    assert not page.error
    assert not page.exception


def test_many_pictures_become_a_table_that_a_bad_one_does_not_stop(page, encode):
    hand_in(page, ("a.png", encode(60_000)), ("b.png", BAD), ("c.png", encode(60_002, negative=True)))
    assert headline(page) == "3 pictures"
    table = page.dataframe[0].value
    assert table["File"].tolist() == ["a.png", "b.png", "c.png"]
    assert table["Answer"].tolist() == ["🥾 Ankle boot", "⚠️ No answer", "👖 Trouser"]
    assert table["Confidence"].notna().tolist() == [True, False, True]
    assert (table["Confidence"].dropna() > table["Its share"].dropna()).all()
    assert table["Remark"].tolist()[1].startswith("A picture must be")
    assert table["Remark"].tolist()[::2] == ["", ""]
    assert not page.exception


def test_nothing_found_is_said_in_the_table(page):
    white = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(white, "JPEG")
    hand_in(page, ("white.jpg", white.getvalue()), ("b.png", BAD))
    line = page.dataframe[0].value.iloc[0]
    assert line["Answer"] == "⚠️ No answer"
    assert line["Remark"] == "Nothing stands out from the background."


def test_the_next_picture_alone_is_opened_and_the_table_is_one_click_away(page, encode):
    hand_in(page, ("a.png", encode(60_000)), ("b.png", encode(60_001)))
    hand_in(page, ("c.png", encode(60_002)))
    assert headline(page).startswith("👖 Trouser, ")
    press(page, "all pictures")
    assert page.dataframe[0].value["File"].tolist() == ["a.png", "b.png", "c.png"]


def test_the_same_file_is_kept_once(page, encode):
    hand_in(page, ("a.png", encode(60_000)), ("b.png", encode(60_001)), ("copy of a.png", encode(60_000)))
    assert page.dataframe[0].value["File"].tolist() == ["a.png", "b.png"]


def test_pictures_can_be_removed_one_by_one_and_all_at_once(page, encode):
    hand_in(page, ("a.png", encode(60_000)), ("b.png", encode(60_001)))
    hand_in(page, ("c.png", encode(60_002)))
    press(page, "remove picture")
    assert headline(page) == "2 pictures"
    press(page, "remove all pictures")
    assert headline(page) == "✏️ No garment yet"
    hand_in(page, ("c.png", encode(60_002)))
    press(page, "remove picture")
    assert headline(page) == "✏️ No garment yet"


def test_what_is_left_alone_is_opened(page, encode):
    hand_in(page, ("a.png", encode(60_000)), ("b.png", BAD))
    hand_in(page, ("c.png", encode(60_002)))
    press(page, "remove picture")
    assert len(page.dataframe) == 1
    hand_in(page, ("b.png", BAD))
    press(page, "remove picture")
    assert "a.png" in [text.value for text in page.text]


def test_more_pictures_than_can_be_kept_are_left_out_and_counted(page, dataset, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UPLOADS", 3)
    hand_in(page, *((f"{item}.png", uploads.encode_png(dataset.images[item])) for item in range(5)))
    assert page.dataframe[0].value["File"].tolist() == ["0.png", "1.png", "2.png"]
    assert [warning.value for warning in page.warning] == ["At most 3 pictures are kept at once; 2 were left out."]


# --- What would change if … ---


def test_the_answer_follows_what_is_set_and_reset_goes_back(page, encode):
    hand_in(page, ("trousers.png", encode(60_002)))
    own = headline(page)
    assert page.button(key="reset chain").disabled
    shown(page, "negate").select("yes").run(timeout=60)
    assert headline(page) != own
    [comparison] = [text.value for text in page.markdown if text.value.startswith("By the chain")]
    assert f"**{own.split(' ', 1)[1]}**" in comparison
    press(page, "reset chain")
    assert headline(page) == own
    assert shown(page, "negate").value == "auto"
    assert page.button(key="reset chain").disabled


def test_a_ready_item_has_nothing_to_find(page, encode):
    hand_in(page, ("trousers.png", encode(60_002)))
    disabled = {
        widget.key.split()[1] for widget in find_inputs(page) if widget.key.startswith("chain ") and widget.disabled
    }
    assert {"strategy", "threshold", "across", "down"} <= disabled
    assert "kind" not in disabled
    assert "negate" not in disabled


@pytest.mark.parametrize(
    ("name", "value"),
    [("rotate", 90), ("threshold", 0.5), ("across", (40, 60)), ("across", (100, 100)), ("down", (0, 0))],
)
def test_every_slider_is_obeyed_up_to_its_ends(page, dataset, name, value):
    hand_in(page, ("bag.png", uploads.encode_png(draw_example("carpet", dataset.images))))
    shown(page, name).set_value(value).run(timeout=60)
    assert not page.exception
    assert not page.error
    assert not page.button(key="reset chain").disabled


def test_settings_belong_to_one_picture(page, encode):
    hand_in(page, ("a.png", encode(60_000)))
    shown(page, "negate").select("yes").run(timeout=60)
    hand_in(page, ("c.png", encode(60_002)))
    assert shown(page, "negate").value == "auto"


def test_picture_and_settings_stay_while_other_pages_are_visited(page, encode):
    hand_in(page, ("trousers.png", encode(60_002)))
    shown(page, "negate").select("yes").run(timeout=60)
    changed = headline(page)
    page.switch_page("data/gallery.py").run(timeout=60)
    assert not page.file_uploader
    page.query_params["input"] = "Upload"
    page.switch_page("classify/yours.py").run(timeout=60)
    assert headline(page) == changed
    assert shown(page, "negate").value == "yes"
    assert "trousers.png" in [text.value for text in page.text]


def test_what_is_set_shows_in_the_table(page, encode):
    hand_in(page, ("trousers.png", encode(60_002)))
    shown(page, "negate").select("yes").run(timeout=60)
    changed = headline(page)
    hand_in(page, ("a.png", encode(60_000)))
    press(page, "all pictures")
    table = page.dataframe[0].value
    answer = table["Answer"][0]
    assert changed.startswith(answer) or (answer.startswith("🤔") and changed.startswith("🤔"))


def test_the_camera_is_off_until_it_is_asked_for_and_after_a_picture(page, encode):
    assert not page.camera_input
    press(page, "camera button")
    picture = Image.open(io.BytesIO(encode(60_002))).convert("RGB").resize((280, 280), Image.Resampling.NEAREST)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=95)
    page.camera_input[0].set_value(("shot.jpg", stream.getvalue(), "image/jpeg")).run(timeout=60)
    assert not page.camera_input
    assert "Photo" in [text.value for text in page.text]
    assert "Trouser" in headline(page)
    assert not page.error
