"""Many pictures at once: a table of what they were taken for."""

from collections import Counter
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core import runs
from fmnist_core.answer_table import Row, export_answers, tabulate_answers
from fmnist_core.classes import CLASS_ICONS, CLASS_NAMES
from fmnist_core.photos.settings import KINDS
from fmnist_core.sheets import encode_data_url
from pages.shared.yours import kept

if TYPE_CHECKING:
    import pandas as pd

_ROW_HEIGHT = 56
_ROWS_IN_SIGHT = 9
_TIMES_OPENED = "times opened"
_NOTHING_FOUND = "Nothing stands out from the background."


def show_summary(run: runs.Run) -> None:
    """Ask about all pictures, and say in a few words what came of it."""
    held = kept.pictures()
    kept.ask(held, run)
    verdicts = [verdict for picture in held if (verdict := picture.answer(run)) is not None]
    st.subheader(f"{len(held)} pictures", anchor=False)
    counts = Counter(verdict.class_index for verdict in verdicts if not verdict.abstained)
    told = [f"{CLASS_ICONS[index]} {CLASS_NAMES[index]} {count}" for index, count in counts.most_common()]
    unsure = sum(verdict.abstained for verdict in verdicts)
    told += [f"🤔 Not sure {unsure}"] * bool(unsure)
    told += [f"⚠️ No answer {len(held) - len(verdicts)}"] * (len(held) > len(verdicts))
    st.markdown(" · ".join(told))
    with st.container(horizontal=True, gap="small"):
        csv = export_answers(_tabulate(run))
        st.download_button("Table as CSV", csv, "answers.csv", "text/csv", on_click="ignore")
        st.button("✕ Remove all", key="remove all pictures", on_click=kept.clear)


def show_table(run: runs.Run) -> None:
    """Show a line for each picture; a click on one opens it alone."""
    st.caption("Click a picture to see how it became an item; click the head of a column to sort by it.")
    key = f"answers {st.session_state.setdefault(_TIMES_OPENED, 0)}"
    held = kept.pictures()
    share = st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100, width=130)
    st.dataframe(
        _illustrate(held, _tabulate(run)),
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=_ROW_HEIGHT * min(len(held), _ROWS_IN_SIGHT) + 38,
        key=key,
        selection_mode="single-cell",
        on_select=lambda: _open_clicked(key),
        column_config={
            "Picture": st.column_config.ImageColumn(width=80),
            "Seen": st.column_config.ImageColumn(width=80, help="The 28 × 28 pixels that the network gets"),
            **dict.fromkeys(["Confidence", "Its share"], share),
            "Remark": st.column_config.TextColumn(width="large"),
        },
    )

    problems = [(picture.upload.name, picture.upload.problem) for picture in held if picture.upload.problem]
    if problems:
        # As text and not as Markdown, since nobody knows what a file's name holds.
        st.text("\n".join(f"⚠️ {name}: {problem}" for name, problem in problems))


def _tabulate(run: runs.Run) -> "pd.DataFrame":
    return tabulate_answers([_describe(picture, run) for picture in kept.pictures()])


def _describe(picture: kept.Kept, run: runs.Run) -> Row:
    verdict = picture.answer(run)
    blank = "" if verdict or picture.upload.problem else _NOTHING_FOUND
    return Row(picture.upload.name, verdict, KINDS.get(picture.kind, ""), picture.upload.problem or blank)


def _illustrate(held: list[kept.Kept], table: "pd.DataFrame") -> "pd.DataFrame":
    """Turn the table of answers into what is shown of it, with pictures."""
    import pandas as pd

    return pd.DataFrame(
        {
            "Picture": [picture.upload.thumbnail for picture in held],
            "Seen": [encode_data_url(picture.item) if picture.item.any() else "" for picture in held],
            "Answer": [
                _say(name, unsure) for name, unsure in zip(table["answer"], table["not_sure"], strict=True)
            ],
            # No network can promise more.
            "Confidence": 100 * table["confidence"].clip(upper=0.999),
            "Second choice": table["second_choice"],
            "Its share": 100 * table["second_confidence"],
            "File": table["file"],
            "Kind": table["kind"],
            "Remark": table["problem"],
        }
    )  # fmt: skip


def _say(class_name: str, unsure: bool) -> str:
    if not class_name:
        return "⚠️ No answer"
    return f"🤔 Not sure: {class_name}?" if unsure else f"{CLASS_ICONS[CLASS_NAMES.index(class_name)]} {class_name}"


def _open_clicked(key: str) -> None:
    cells = st.session_state[key]["selection"]["cells"]
    if cells:
        kept.open_picture(kept.pictures()[cells[0][0]].upload.digest)
        # A new table when the visitor comes back, without the cell that was clicked.
        st.session_state[_TIMES_OPENED] += 1
