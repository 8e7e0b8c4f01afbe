"""What the map fetches by address instead of through a page's script: positions and pictures."""

import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit import config

from fmnist_core import data, projection_files, sheets
from fmnist_core.errors import ProjectionNotFoundError
from fmnist_core.splits import ITEMS
from pages.shared import cache

MOST_GARMENTS = 400

# An address names what it answers for good: a projection's ends in a checksum, the garments never change.
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


def serve_projection(request: Request) -> Response:
    """Answer with a plane projection as `projection_files.pack_projection` writes it."""
    if not data.is_decoded():
        return _no_data_yet()
    key = request.path_params["key"]
    path = projection_files.find_projection(key)
    try:
        if path is None:
            raise ProjectionNotFoundError(f"There must be a projection of that name. Received: {key[:40]}.")
        content = _pack_projection(path, path.stat().st_mtime_ns)
    except (ProjectionNotFoundError, FileNotFoundError) as error:
        sentence = str(error) if isinstance(error, ProjectionNotFoundError) else "This projection was just deleted."
        return PlainTextResponse(sentence, 404)
    return Response(content, media_type="application/octet-stream", headers=_FOR_GOOD)


def serve_garments(request: Request) -> Response:
    """Answer with the pictures of `items`, numbers with commas between, side by side in one PNG.

    It has as many columns as the square root of their number, rounded up.
    """
    items = _read_items(request.query_params.get("items", ""))
    if items is None:
        return PlainTextResponse(
            f"`items` must be 1 to {MOST_GARMENTS} item numbers from 0 to {ITEMS - 1:,} with commas between.", 400
        )
    if not data.is_decoded():
        return _no_data_yet()
    sprite = sheets.encode_sprite(cache.dataset().images[items])
    return Response(sprite.png, media_type="image/png", headers=_FOR_GOOD)


@lru_cache(maxsize=8)
def _pack_projection(path: Path, _changed: int) -> bytes:
    projection = projection_files.read_projection(path)
    if projection.config.dimensions != 2:
        raise ProjectionNotFoundError("A map must have two dimensions. Received: a projection with three.")
    return projection_files.pack_projection(projection, cache.dataset().labels)


def _read_items(text: str) -> list[int] | None:
    numbers = text.split(",")
    if len(numbers) > MOST_GARMENTS or not all(re.fullmatch("[0-9]{1,5}", number) for number in numbers):
        return None
    items = list(map(int, numbers))
    return items if max(items) < ITEMS else None


def _no_data_yet() -> Response:
    return PlainTextResponse("The data are not on this machine yet; open a page of the lab to fetch them.", 503)


# Starlette runs handlers that are no coroutines in threads, so that nobody else waits for them.
_BASE = "/" + config.get_option("server.baseUrlPath").strip("/")
ROUTES = [
    Route(f"{_BASE.rstrip('/')}/lab/projections/{{key}}", serve_projection),
    Route(f"{_BASE.rstrip('/')}/lab/garments", serve_garments),
]
