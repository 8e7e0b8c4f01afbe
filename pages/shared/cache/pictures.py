"""Pictures that visitors bring, on their way to 28 × 28 pixels."""

from dataclasses import astuple

import streamlit as st

from fmnist_core import photo_examples, photos, uploads
from pages.shared.cache.items import dataset


@st.cache_resource(show_spinner=False)
def example_thumbnails() -> dict[str, str]:
    """Return a data: address for each of `photo_examples.EXAMPLES` (0.4 s when first asked for)."""
    images = dataset().images
    drawn = {key: photo_examples.draw_example(key, images) for key in photo_examples.EXAMPLES}
    return {key: uploads.encode_thumbnail(uploads.crop_to_square(picture), edge=200) for key, picture in drawn.items()}


def chain(upload: uploads.Upload, settings: photos.ChainSettings) -> photos.Chain:
    """Return the way of a picture that could be read to 28 × 28 pixels (20 to 300 ms)."""
    return _chain(upload.digest, astuple(settings), upload, settings)


# As few as one visitor tries out in a while: each keeps all its steps.
@st.cache_resource(show_spinner=False, max_entries=48)
def _chain(
    digest: str, values: tuple[object, ...], _upload: uploads.Upload, _settings: photos.ChainSettings
) -> photos.Chain:
    return photos.prepare_photo(_upload.picture, _settings)
