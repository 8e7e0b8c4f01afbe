"""The network as a strip of layers, each with what it makes of the item."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.inside.subject import Subject

if TYPE_CHECKING:
    from fmnist_core.interpretation.probing import Probe


def show_layers(probe: "Probe", asked: Subject) -> None:
    """Show what each layer is and how strongly it answers the item."""
    outputs = probe.compute_outputs(asked.image[None], [layer.name for layer in probe.layers])
    st.dataframe(
        [
            {
                "layer": layer.name,
                "kind": layer.kind,
                "shape": " × ".join(map(str, layer.shape)),
                "parameters": layer.parameters,
                "largest value": float(outputs[layer.name].max()),
            }
            for layer in probe.layers
        ],
        hide_index=True,
    )
