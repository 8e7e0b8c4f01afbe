"""Whether a heat map can be believed: three tests, each made when it is opened."""

import math

import streamlit as st

from fmnist_core import runs
from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.figures import attribution as painting
from fmnist_core.interpretation.methods import METHODS
from fmnist_core.sheets import encode_data_url
from pages.shared import cache, components, study_progress, widgets
from pages.shared.inside.subject import Subject

# Of scores as they differ by chance between a few random orders of pixels.
_LITTLE = 0.02
_ALIKE = 0.5


def show_tests(run: runs.Run, asked: Subject, class_indices: list[int], methods: list[str], layer: str | None) -> None:
    """Put one of the methods to the test, with the item and one of the classes."""
    st.subheader("Can these pictures be believed?")
    st.caption(
        "A heat map always looks as if it explained something. It deserves belief if it changes when the network "
        "forgets what it learned, and if the pixels that it calls hot are those that the answer hangs on."
    )
    with st.container(horizontal=True):
        method = widgets.select(
            "Method to test", {name: METHODS[name].title for name in methods}, key="tested", width=260
        )
        titles = {str(index): CLASS_NAMES[index] for index in class_indices}
        class_index = int(widgets.select("Class to test it with", titles, key="for", width=260))
    given = (run.run_id, run.tested_at, method, asked.image, class_index, layer)
    forgetting = st.expander("Does it change when the network forgets?", key="forgetting", on_change="rerun")
    if forgetting.open:
        with forgetting:
            _show_cascade(given, asked)
    removing = st.expander("Does the answer go with the hottest pixels?", key="removing", on_change="rerun")
    if removing.open:
        with removing:
            _show_curves(given)
    trusting = st.expander("Which method can be trusted for this network?", key="trusting", on_change="rerun")
    if trusting.open:
        with trusting:
            _show_comparison(run)


def _show_cascade(given: tuple, asked: Subject) -> None:
    stages = cache.cascade(*given)
    signed = METHODS[given[2]].signed
    pictures, lines, titles = [], [], []
    for stage in stages:
        painted = painting.paint_attribution(stage.attribution.values[0], stage.attribution.heatmaps[0], signed)
        pictures.append([encode_data_url(painting.lay_over(asked.image, painted, 0.9))])
        name = stage.layer or "as trained"
        likeness = "nothing hot" if math.isnan(stage.rank_correlation) else f"rank {stage.rank_correlation:.2f}"
        lines.append([name, likeness, f"SSIM {stage.similarity:.2f}"])
        titles.append(f"{name}: {likeness}, SSIM {stage.similarity:.2f}")
    st.markdown(
        "From left to right the layers get random weights, one after the other, the last first (Adebayo and "
        "others, 2018); at the right nothing of what was learned is left. *Rank* is the rank correlation with the "
        "picture of the trained network, *SSIM* how alike the two look; 1 is the same."
    )
    components.tiles(
        pictures, lines, titles, key="cascade", label="Heat maps while the network forgets", columns=8, smallest=84
    )
    st.markdown(_judge_cascade(stages[-1].rank_correlation, stages[-1].similarity))


def _judge_cascade(rank_correlation: float, similarity: float) -> str:
    if max(similarity, 0 if math.isnan(rank_correlation) else rank_correlation) > _ALIKE:
        return (
            "**Take care:** a network that knows nothing gives nearly the same picture. What you see is largely the "
            "garment itself, not what the network learned of it."
        )
    return (
        "**It passes:** a network that knows nothing gives another picture, so this one does show something that was "
        "learned. Coarse maps of few pixels may agree, or differ, by chance."
    )


def _show_curves(given: tuple) -> None:
    from fmnist_core.interpretation.sanity import compute_area  # it brings Keras

    curves = cache.curves_without(*given)
    class_index = given[4]
    st.markdown(
        f"The hottest pixels are made black first, and the probability of **{CLASS_NAMES[class_index]}** should fall "
        "at once; or they alone are shown first, and it should rise at once (Petsiuk and others, 2018). Background is "
        "black already: where it is called hot, nothing happens. Dotted: pixels in random order, with the range of "
        "five such orders."
    )
    for back, column in enumerate(st.columns(2, gap="medium")):
        with column:
            title = "**Insertion**: the higher the better" if back else "**Deletion**: the lower the better"
            st.markdown(title)
            figure = painting.plot_curve(curves, bool(back), CLASS_COLORS[class_index])
            st.plotly_chart(figure, key=f"why-curve-{back}", config={"displayModeBar": False})
    deletion, insertion = (float(compute_area(curve, curves.shares)) for curve in (curves.deletion, curves.insertion))
    randoms = [
        float(compute_area(curve, curves.shares).mean()) for curve in (curves.random_deletion, curves.random_insertion)
    ]
    verdict = _judge_areas(randoms[0] - deletion, insertion - randoms[1])
    st.markdown(
        f"Area under the curve: deletion **{deletion:.2f}** (at random {randoms[0]:.2f}), insertion "
        f"**{insertion:.2f}** (at random {randoms[1]:.2f}). {verdict}"
    )


def _judge_areas(gain_by_deletion: float, gain_by_insertion: float) -> str:
    better = [gain > _LITTLE for gain in (gain_by_deletion, gain_by_insertion)]
    if all(better):
        return "The hot pixels do carry the answer, in both tests."
    if not any(better):
        return (
            "**Take care:** pixels at random do as well or better. For this item and class the picture explains little."
        )
    passed, failed = ("deletion", "insertion") if better[0] else ("insertion", "deletion")
    return f"Better than chance by {passed} only; by {failed} pixels at random do as well or better."


def _show_comparison(run: runs.Run) -> None:
    st.markdown(
        "Deletion and insertion with many test items, each asked about the class that the network gives it. The mean "
        "area under the curve, and how much items differ (standard deviation)."
    )
    found = study_progress.provide(run, "heat-maps", invitation="**All methods on 100 test items.**")
    if found is None:
        return
    deletion, insertion = found["deletion"], found["insertion"]
    names = {name: METHODS[name].title for name in METHODS} | {"random": "At random"}
    gains = (insertion - deletion).mean(axis=1)
    st.dataframe(
        [
            {
                "method": names[str(name)],
                "deletion": f"{deletion[row].mean():.3f} ± {deletion[row].std():.3f}",
                "insertion": f"{insertion[row].mean():.3f} ± {insertion[row].std():.3f}",
                "insertion − deletion": round(float(gains[row]), 3),
            }
            for row, name in sorted(enumerate(found["methods"]), key=lambda each: -gains[each[0]])
        ],
        hide_index=True,
        width=640,
    )
    best = names[str(found["methods"][gains.argmax()])]
    st.markdown(
        f"**{best}** finds best what this network's answers hang on, of those here. A method that is no better than "
        "pixels at random says little about this network, however sharp its pictures."
    )
