"""The network that a visitor edits: kept for the visit, changed only here, and written into the page's address."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from fmnist_core import editing
from fmnist_core.editing import History
from fmnist_core.errors import FmnistError, InvalidSettingError
from fmnist_core.networks import Network, from_link, make_network, to_link
from fmnist_core.recipes import Recipe, find_recipe
from fmnist_core.stacks import Stack

LINK = "net"  # the query parameter
# Of inputs.
NAME = "network name"
WITH_SETTINGS = "network with settings"

FIRST_RECIPE = "threads/model-3"
FIRST_NAME = "My network"

_HISTORY = "network history"
_SELECTED = "network layer"
_SETTINGS = "network settings"
_WRITTEN = "network in the URL"
_REVISION = "network revision"
_COMPLAINT = "network complaint"
_KEPT_NAME = "network name kept"
_KEPT_WITH_SETTINGS = "network with settings kept"


def receive() -> None:
    """Take up the network that a link brings, or begin with one of the papers'."""
    link = st.query_params.get(LINK)
    if link and link != st.session_state.get(_WRITTEN):
        st.session_state[_WRITTEN] = link
        try:
            open_network(from_link(link))
        except InvalidSettingError as error:
            complain(str(error))
    if _HISTORY not in st.session_state:
        open_network(Network(FIRST_NAME, find_recipe(FIRST_RECIPE).config.stack))
        st.session_state[_HISTORY] = History(stack())
    # Streamlit forgets what an input holds as soon as another page is shown.
    st.session_state.setdefault(NAME, st.session_state[_KEPT_NAME])
    st.session_state.setdefault(WITH_SETTINGS, st.session_state[_KEPT_WITH_SETTINGS])


def write_link() -> None:
    """Have the page's address hold the network."""
    st.session_state[_KEPT_NAME] = st.session_state[NAME]
    st.session_state[_KEPT_WITH_SETTINGS] = st.session_state[WITH_SETTINGS]
    link = to_link(network())
    if st.query_params.get(LINK) != link:
        st.query_params[LINK] = link
    st.session_state[_WRITTEN] = link


def network() -> Network:
    """Return the network that is edited."""
    chosen = settings() if st.session_state[WITH_SETTINGS] else None
    try:
        return Network(st.session_state[NAME].strip(), stack(), chosen)
    except InvalidSettingError:
        return Network(FIRST_NAME, stack(), chosen)


def settings() -> Mapping[str, Any] | None:
    """Return how the network that was opened is trained, if it says so."""
    return st.session_state[_SETTINGS]


def history() -> History:
    """Return the layers with what they were before."""
    return st.session_state[_HISTORY]


def stack() -> Stack:
    """Return the layers."""
    return history().present


def selected() -> int | None:
    """Return which layer is open, counted from 0, or None."""
    position = st.session_state.get(_SELECTED)
    return position if position is not None and position < len(stack()) else None


def select(position: int | None) -> None:
    """Open a layer, or none."""
    st.session_state[_SELECTED] = position


def open_network(opened: Network) -> None:
    """Edit another network; undo comes back to the one before."""
    _revise()
    st.session_state[_HISTORY] = st.session_state.get(_HISTORY, History()).edit(opened.layers)
    st.session_state[NAME] = st.session_state[_KEPT_NAME] = opened.name
    st.session_state[_SETTINGS] = opened.settings
    st.session_state[WITH_SETTINGS] = st.session_state[_KEPT_WITH_SETTINGS] = True
    select(None)


def open_recipe(recipe: Recipe) -> None:
    """Edit a copy of a recipe's network, trained as the recipe says."""
    open_network(make_network(recipe.title, recipe.config))


def revision() -> int:
    """Count how often something else than the inputs of the open layer has changed the layers.

    What a browser still reports of inputs that stood there before is told by it from what the user does now.
    """
    return st.session_state.get(_REVISION, 0)


def _revise() -> None:
    st.session_state[_REVISION] = revision() + 1


def edit(change: Callable[[Stack], Stack], opened: int | None) -> None:
    """Change the layers and open one of them; what is refused is said on the page."""
    if change_layers(change):
        _revise()
        select(opened)


def change_layers(change: Callable[[Stack], Stack]) -> bool:
    """Change the layers and tell whether that was possible; what is refused is said on the page."""
    try:
        st.session_state[_HISTORY] = history().edit(change(stack()))
    except FmnistError as error:
        complain(str(error))
        return False
    return True


def step_back() -> None:
    """Undo."""
    _revise()
    st.session_state[_HISTORY] = history().undo()


def step_on() -> None:
    """Redo."""
    _revise()
    st.session_state[_HISTORY] = history().redo()


def act(asked: dict[str, Any]) -> None:
    """Do what the list of layers asks for."""
    position = int(asked["position"])
    match asked["act"]:
        case "select":
            select(None if position == selected() else position)
        case "up":
            edit(lambda layers: editing.move(layers, position, position - 1), max(position - 1, 0))
        case "down":
            edit(lambda layers: editing.move(layers, position, position + 1), min(position + 1, len(stack()) - 1))
        case "move":
            target = int(asked["target"])
            edit(lambda layers: editing.move(layers, position, target), target)
        case "duplicate":
            edit(lambda layers: editing.duplicate(layers, position), position + 1)
        case "remove":
            left = len(stack()) - 1
            edit(lambda layers: editing.remove(layers, position), min(position, left - 1) if left else None)
        case "undo":
            step_back()
        case "redo":
            step_on()


def add(class_name: str) -> None:
    """Put a new layer behind the open one, or at the end, and open it."""
    here = selected()
    position = len(stack()) if here is None else here + 1
    edit(lambda layers: editing.insert(layers, position, class_name), position)


def complain(sentence: str) -> None:
    """Have the page say what went wrong, once."""
    st.session_state[_COMPLAINT] = sentence


def show_complaint() -> None:
    """Say what went wrong, if anything did."""
    if complaint := st.session_state.pop(_COMPLAINT, None):
        st.error(complaint)
