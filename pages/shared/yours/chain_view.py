"""The way of a picture to 28 × 28 pixels, step by step, and what can be changed on it."""

from typing import Any

import streamlit as st

from fmnist_core import photos, runs
from fmnist_core.photos.settings import AUTO, KINDS, NEGATE
from fmnist_core.uploads import encode_thumbnail
from fmnist_core.verdict import Verdict
from pages.shared import cache, components, pictures
from pages.shared.yours import kept

_WHOLE = (0, 100)
_FRAME_EDGE = 220

_frame = components.register("frame")


def read_settings(picture: kept.Kept) -> photos.ChainSettings:
    """Return what is set for a picture, by the inputs of `show_chain` or, before they are shown, as it was kept."""
    for name, value in _to_inputs(picture.settings).items():
        st.session_state.setdefault(_key(picture, name), value)
    values = {name: st.session_state[_key(picture, name)] for name in _to_inputs(picture.settings)}
    return _from_inputs(values)


def show_chain(picture: kept.Kept, chain: photos.Chain, run: runs.Run) -> None:
    """Show the steps of a picture's way, each with a sentence, and below them, folded away, what can be changed."""
    st.markdown("**From your picture to 28 × 28 pixels**")
    st.caption(_describe(chain, picture.settings))
    pictures.show_steps(chain.steps)
    with st.expander("What would change if …"):
        _compare(picture, run)
        _show_inputs(picture, chain)


def _describe(chain: photos.Chain, settings: photos.ChainSettings) -> str:
    told = "Taken, as you said, for" if settings.kind != AUTO else "Recognised as"
    sentence = f"{told}: {KINDS[chain.kind].lower()}."
    if chain.strategy in _strategies():
        sentence += f" Garment found by: {_strategies()[chain.strategy]}."
    return sentence


def _show_inputs(picture: kept.Kept, chain: photos.Chain) -> None:
    def key(name: str) -> str:
        return _key(picture, name)

    # Where nothing has to be found, there is nothing to set about it.
    is_ready = chain.kind == "item"
    where, what, how = st.columns(3, gap="medium")
    with where:
        _show_frame(picture, chain)
        st.slider("Look from left to right", *_WHOLE, step=1, format="%d %%", key=key("across"), disabled=is_ready)
        st.slider("… and from top to bottom", *_WHOLE, step=1, format="%d %%", key=key("down"), disabled=is_ready)
    with what:
        strategies = {AUTO: "Whatever does best", **_strategies()}
        st.selectbox("What the picture is", list(KINDS), format_func=KINDS.__getitem__, key=key("kind"))
        st.selectbox(
            "How the garment is found",
            list(strategies),
            format_func=strategies.__getitem__,
            key=key("strategy"),
            disabled=is_ready,
        )
        st.slider("Less or more of it", -1.0, 1.0, step=0.05, key=key("threshold"), disabled=is_ready)
        st.slider("Turn the picture", -180, 180, step=1, format="%d°", key=key("rotate"), disabled=is_ready)
        st.toggle("Set it upright if it is tilted", key=key("straighten"), disabled=is_ready)
    with how:
        st.selectbox("Negate it", list(NEGATE), format_func=NEGATE.__getitem__, key=key("negate"))
        st.slider("Darker or brighter", -1.0, 1.0, step=0.05, key=key("brightness"), disabled=is_ready)
        st.toggle("Sharpen it", key=key("sharpen"), disabled=is_ready)


def _show_frame(picture: kept.Kept, chain: photos.Chain) -> None:
    """Show the picture, turned as it is set, to drag a frame on."""
    image = next((step.image for step in chain.steps if step.key == "turned"), picture.upload.picture)
    height, width = image.shape[:2]
    key = _key(picture, "frame")

    def take_frame() -> None:
        left, top, right, bottom = (round(100 * edge) for edge in st.session_state[key]["framed"])
        st.session_state[_key(picture, "across")], st.session_state[_key(picture, "down")] = (
            (left, right),
            (top, bottom),
        )

    data = {
        "source": encode_thumbnail(image, edge=2 * _FRAME_EDGE),
        "width": round(width * _FRAME_EDGE / max(height, width)),
        "label": "Drag a frame around the garment; a click takes it away.",
        "box": picture.settings.box or (0, 0, 1, 1),
    }
    st.caption("Drag a frame around the garment, if something else is on it.")
    _frame(key=key, data=data, on_framed_change=take_frame, height="content")


def _compare(picture: kept.Kept, run: runs.Run) -> None:
    """Say what the chain's own judgement gives, beside what the settings give."""
    changed = picture.settings != photos.ChainSettings()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Reset", key="reset chain", disabled=not changed, on_click=_reset, args=(picture,))
        if not changed:
            st.caption("All is left to the chain's own judgement. Change something, and the answer follows.")
            return
        answerer = cache.answerer(run.run_id, run.tested_at)
        own = cache.chain(picture.upload, photos.ChainSettings())
        before, after = (
            answerer.ask(image, kind in photos.PHOTOGRAPHS) if image.any() else None
            for image, kind in ((own.image, own.kind), (picture.item, picture.kind))
        )
        st.markdown(f"By the chain's own judgement: **{_say(before)}**. As you set it: **{_say(after)}**.")


def _say(verdict: Verdict | None) -> str:
    if verdict is None:
        return "no garment found"
    return f"not sure, perhaps {verdict.class_name}" if verdict.abstained else verdict.headline


def _reset(picture: kept.Kept) -> None:
    for name, value in _to_inputs(photos.ChainSettings()).items():
        st.session_state[_key(picture, name)] = value


def _strategies() -> dict[str, str]:
    # Late, because it needs SciPy, which a page need not wait for.
    from fmnist_core.photos.segmentation import STRATEGIES

    return {key: strategy.title for key, strategy in STRATEGIES.items()}


def _key(picture: kept.Kept, name: str) -> str:
    return f"chain {name} {picture.upload.digest[:16]}"


def _to_inputs(settings: photos.ChainSettings) -> dict[str, Any]:
    """Return the values of the inputs that say the same as settings; a frame is two ranges in percent."""
    values = {name: value for name, value in settings.to_dict().items() if name != "box"}
    left, top, right, bottom = (round(100 * edge) for edge in settings.box or (0, 0, 1, 1))
    # To the right there is more of everything, so also of the garment.
    values |= {"rotate": round(settings.rotate), "threshold": -settings.threshold}
    return {**values, "across": (left, right), "down": (top, bottom)}


def _from_inputs(values: dict[str, Any]) -> photos.ChainSettings:
    (left, right), (top, bottom) = (_widen(values[name]) for name in ("across", "down"))
    box = None if (left, right) == (top, bottom) == _WHOLE else (left / 100, top / 100, right / 100, bottom / 100)
    others = {name: value for name, value in values.items() if name not in ("across", "down")}
    return photos.ChainSettings(**{**others, "threshold": -others["threshold"]}, box=box)


def _widen(ends: tuple[int, int]) -> tuple[int, int]:
    """Return a range that is not empty."""
    first, last = ends
    return (first, last) if first < last else (min(first, _WHOLE[1] - 1), min(first, _WHOLE[1] - 1) + 1)
