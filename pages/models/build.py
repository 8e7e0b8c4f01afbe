"""Build: a network of one's own, layer by layer."""

import streamlit as st

from fmnist_core import architectures, networks, palette, shapes
from fmnist_core.figures.architecture import draw_architecture
from fmnist_core.networks import Network
from fmnist_core.recipes import OWN, find_recipe, load_own_recipes, load_papers, load_recipes
from pages.shared import layer_inputs, network_files, network_state

EMPTY = "nothing"
WANTED, GO = "wants to train", "goes to Train"


def list_starts() -> dict[str, str]:
    """Return what one can begin with, by recipe: one's own first."""
    papers = load_papers()
    own = {name: f"Your own · {recipe.title}" for name, recipe in load_own_recipes().items()}
    others = {
        name: f"{papers[recipe.paper_key].label} · {recipe.title}"
        for name, recipe in load_recipes().items()
        if recipe.config.architecture == name and name in architectures.ARCHITECTURES
    }
    return {**own, EMPTY: "An empty network", **others}


def begin() -> None:
    chosen, st.session_state.start = st.session_state.start, None
    if chosen == EMPTY:
        network_state.open_network(Network(network_state.FIRST_NAME, ()))
    elif chosen is not None:
        network_state.open_recipe(find_recipe(chosen))


def save(then_train: bool = False, replace: bool = False) -> None:
    st.session_state[GO] = network_files.save(network_state.network(), replace) and then_train
    st.session_state[WANTED] = then_train


def show_toolbar(found: shapes.Diagnosis) -> None:
    history, network = network_state.history(), network_state.network()
    starts, fits = list_starts(), found.reason is None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        placeholder = "a network of the papers, one of yours, nothing …"
        st.selectbox(
            "Start from", list(starts), None, starts.get, "start", placeholder=placeholder, on_change=begin, width=330
        )
        network_files.name_input(network_state.NAME, width=200)
        st.button("Undo", key="undo", on_click=network_state.step_back, disabled=not history.past)
        st.button("Redo", key="redo", on_click=network_state.step_on, disabled=not history.future)
        saved = fits and networks.is_saved(network)
        st.button("Saved" if saved else "Save", key="save", on_click=save, disabled=saved or not fits)
        with st.popover("More", key="more"):
            show_more(network, f"{OWN}/{network.slug}" in starts)
        help_text = "Save it and set up its training." if fits else say_problem(found)
        st.button(
            "Train it", key="train", type="primary", on_click=save, args=(True,), disabled=not fits, help=help_text
        )


def show_more(network: Network, is_kept: bool) -> None:
    network_files.share_inputs(network, key="build", on_open=network_state.open_network)
    if settings := network_state.settings():
        help_text = "Training settings it came with: " + ", ".join(
            f"{name} {value}" for name, value in settings.items()
        )
        st.checkbox("Hand on its training settings", key=network_state.WITH_SETTINGS, help=help_text)
    if is_kept:
        st.button(f"Delete “{network.name}”", key="delete", on_click=networks.delete_network, args=(network.slug,))


def say_problem(found: shapes.Diagnosis) -> str:
    if found.position is None:
        return found.reason
    layer = (*network_state.stack(), shapes.OUTPUT)[found.position]
    return f"Layer {found.position + 1}, {palette.OFFERS[layer.class_name].title.lower()}: {found.reason}"


def show_state(found: shapes.Diagnosis) -> None:
    if found.reason is not None:
        st.markdown(f":red[**It cannot be trained.** {say_problem(found)}]")
        return
    st.markdown(
        f"**{found.parameters:,}** parameters · **{found.operations / 1e6:,.2f}** million multiplications an item"
        " · every layer fits"
    )


@st.fragment
def edit() -> None:
    if st.session_state.pop(GO, False):
        st.switch_page("models/train.py", query_params={"recipe": f"{OWN}/{network_state.network().slug}"})
    network_state.write_link()
    found = shapes.diagnose(network_state.stack())
    show_toolbar(found)
    # In a container, so that what follows stays the same to the browser whether anything is said or not.
    with st.container():
        network_state.show_complaint()
        network_files.show_refusal(key="build", on_replace=save, args=(st.session_state.get(WANTED, False), True))
    show_state(found)
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        layer_inputs.show_layers(found)
        layer_inputs.show_palette()
    with right:
        with st.container(border=True):
            layer_inputs.edit_layer()
        drawing, code = st.tabs(["Drawing", "Keras code"], key="build view", on_change="rerun")
        drawing.html(draw_architecture(list(found.summaries)))
        if code.open and found.reason is None:
            code.code(architectures.write_code(network_state.stack()), language="python")
        elif code.open:
            code.caption("There is no code until every layer fits.")


st.title("Build")
st.caption(
    "Make a network of your own. Open a layer and change it, add one, move one: see how few parameters will do, "
    "or put in a pooling layer too many and read what is wrong."
)
network_state.receive()
edit()
