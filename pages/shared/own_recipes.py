"""The recipes that a visitor can choose from: the papers', one's own, and the one that a link or a file has brought."""

from dataclasses import replace

import streamlit as st

from fmnist_core.errors import InvalidSettingError
from fmnist_core.networks import Network, from_link, make_network, to_link
from fmnist_core.recipes import OWN, Paper, Recipe, load_own_recipes, load_papers, load_recipes, make_own_recipe

LINK = "net"  # the query parameter

_BROUGHT = "network brought"
_WRITTEN = "network brought by the URL"


def receive() -> None:
    """Take up the network that a link brings, and have it chosen; say so if it cannot be trained."""
    link = st.query_params.get(LINK)
    if link is None or link == st.session_state.get(_WRITTEN):
        return
    st.session_state[_WRITTEN] = link
    try:
        st.query_params["recipe"] = bring(from_link(link))
    except InvalidSettingError as error:
        del st.query_params[LINK]
        st.error(str(error))


def bring(network: Network) -> str:
    """Offer a network that need not be saved, in this visit, and return its recipe's name.

    Raises:
        InvalidSettingError: if it cannot be trained.
    """
    make_own_recipe(network)
    st.session_state[_BROUGHT] = network
    return _find_brought(load_own_recipes()).name


def offer_papers() -> dict[str, Paper]:
    """Return the papers by key, and one's own networks as if they were another."""
    own = load_own_recipes()
    if _BROUGHT in st.session_state:
        brought = _find_brought(own)
        own.setdefault(brought.name, brought)
    yours = {OWN: Paper(OWN, "Your own", "Your own", own)} if own else {}
    return {**load_papers(), **yours}


def offer_recipes() -> dict[str, Recipe]:
    """Return all recipes of `offer_papers`, by name."""
    papers = offer_papers()
    return {**load_recipes(), **(papers[OWN].recipes if OWN in papers else {})}


def write_link(recipe: Recipe) -> None:
    """Have the page's address hold a network of one's own, since others may not have it."""
    if recipe.paper_key != OWN:
        st.query_params.pop(LINK, None)
        return
    network = st.session_state.get(_BROUGHT)
    if network is None or make_own_recipe(network).config != recipe.config:
        network = make_network(recipe.title, recipe.config)
    link = to_link(network)
    if st.query_params.get(LINK) != link:
        st.query_params[LINK] = link
    st.session_state[_WRITTEN] = link


def _find_brought(own: dict[str, Recipe]) -> Recipe:
    """Return the recipe of what was brought: the saved one if it is the same, else one with a name of its own."""
    recipe = make_own_recipe(st.session_state[_BROUGHT])
    if recipe.name not in own or own[recipe.name] == recipe:
        return recipe
    return replace(recipe, name=f"{recipe.name}-link", title=f"{recipe.title} (from a link)")
