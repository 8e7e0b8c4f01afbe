"""The lab's own browser components: each is a folder of html, css and js under assets/components."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from fmnist_core.storage import ASSETS


def register(name: str, *borrowed: str):
    """Register the component of a folder below assets/components and return what mounts it.

    Its scripts become one module, in the order of their names, the one that bears the component's name last; so do its
    style sheets.

    Args:
        name: of the folder.
        borrowed: scripts and style sheets of other components that come first, such as "epochs/clock".
    """
    folder = ASSETS / "components" / name

    def read(suffix: str) -> str:
        lent = [path for part in borrowed if (path := folder.parent / f"{part}.{suffix}").is_file()]
        own = sorted(folder.glob(f"*.{suffix}"), key=lambda path: (path.stem == name, path.name))
        return "\n".join(path.read_text(encoding="utf-8") for path in [*lent, *own])

    return st.components.v2.component(f"fmnist_{name}", html=read("html"), css=read("css"), js=read("js"))


def pack(header: dict[str, Any], *payload: bytes) -> bytes:
    """Join a header and raw bytes, as Streamlit hands over bytes only when they are all there is."""
    text = json.dumps(header).encode()
    return b"".join([len(text).to_bytes(4, "little"), text, *payload])


_tiles = register("tiles")
_title = register("title")
_layers = register("layers")
_copy = register("copy")


def tiles(
    pictures: Sequence[Sequence[str]],
    lines: Sequence[Sequence[str]],
    titles: Sequence[str],
    *,
    key: str,
    label: str,
    columns: int,
    smallest: int = 56,
    picked: int | None = None,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Show pictures side by side with lines of text below; a click or an arrow key picks one.

    Args:
        pictures: for each tile the data: addresses of its pictures, one above the other.
        lines: for each tile its lines of text.
        titles: for each tile what it shows, on hover and for screen readers.
        key: the component's key.
        label: what they show together, for screen readers.
        columns: how many side by side where there is room.
        smallest: width of a tile in CSS pixels below which there are fewer columns.
        picked: number of the tile that is marked, counted from 1.
        on_pick: called with a tile's number before the rerun; without it nothing can be picked.
    """
    data = {
        "label": label,
        "columns": columns,
        "smallest": smallest,
        "pickable": on_pick is not None,
        "picked": picked,
        "tiles": [
            {"pictures": list(addresses), "lines": list(texts), "title": title}
            for addresses, texts, title in zip(pictures, lines, titles, strict=True)
        ],
    }
    _tiles(key=key, data=data, on_picked_change=lambda: on_pick and on_pick(int(st.session_state[key]["picked"])))


def tab_title(progress: str, page: str) -> None:
    """Show how far something is in the title of the browser's tab, for as long as this is called.

    Args:
        progress: a few words.
        page: the page's own title, which follows them and comes back later.
    """
    _title(key="tab-title", data={"progress": progress, "page": page}, height="content")


def layer_list(
    rows: Sequence[dict[str, Any]], selected: int | None, *, key: str, on_edit: Callable[[dict[str, Any]], None]
) -> None:
    """Show the layers of a network one below the other, to be opened, moved, doubled and removed.

    Args:
        rows: what layers.js asks for, the pixels first and the softmax layer last.
        selected: the layer that is open, counted from 0 after the pixels.
        key: the component's key.
        on_edit: called before the rerun with {"act", "position", "target"}, what the user asks for.
    """
    done = f"{key} done"

    def answer() -> None:
        for asked in st.session_state[key]["edits"]:
            # Quick clicks arrive together, and again with the next one.
            if asked["number"] > st.session_state.get(done, 0):
                st.session_state[done] = asked["number"]
                on_edit(asked)

    data = {"label": "Layers of the network", "rows": list(rows), "selected": selected}
    _layers(key=key, data={**data, "done": st.session_state.get(done, 0)}, on_edits_change=answer)


def copy_link(label: str, *, key: str, without: Sequence[str] = (), query: Mapping[str, str] | None = None) -> None:
    """Show a button that copies the page's address.

    Args:
        label: of the button.
        key: the component's key.
        without: query parameters to leave out.
        query: the query parameters, those in the address if None.
    """
    data = {"label": label, "without": list(without), "query": None if query is None else dict(query)}
    _copy(key=key, data=data, height="content")
