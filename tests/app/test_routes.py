import io

import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request

from fmnist_core import projection_files
from fmnist_core.projection_config import ProjectionConfig
from fmnist_core.projection_files import Projection, save_projection
from fmnist_core.sheets import encode_sprite
from pages.shared.routes import ROUTES, serve_garments, serve_projection


def request(query="", **path_params):
    return Request({"type": "http", "query_string": query.encode(), "path_params": path_params, "headers": []})


@pytest.fixture
def projection(fmnist_home):
    """A projection of five items that is kept in FMNIST_HOME."""
    items = np.array([3, 14, 159, 2653, 58979])
    embedding = np.array([[0, 0], [1, 2], [2, 1], [4, 4], [3, 0]], np.float32)
    made = Projection(ProjectionConfig(method="pca", space="pixels", per_class=7), items, embedding, {}, {})
    save_projection(made)
    return made


def test_addresses():
    assert [route.path for route in ROUTES] == ["/lab/projections/{key}", "/lab/garments"]


def test_a_projection_is_served_as_it_is_packed(projection, dataset):
    answer = serve_projection(request(key=projection.config.key))
    loaded = projection_files.load_projection(projection.config.key)
    assert answer.body == projection_files.pack_projection(loaded, dataset.labels)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]


def test_a_projection_that_changes_on_disk_is_read_anew(projection, dataset):
    first = serve_projection(request(key=projection.config.key)).body
    save_projection(Projection(projection.config, projection.items, projection.embedding[::-1], {}, {}))
    assert serve_projection(request(key=projection.config.key)).body != first


@pytest.mark.parametrize("key", ["0123456789abcdef", "x", "..%2F..%2Fetc", ""])
def test_an_unknown_projection_is_a_sentence(fmnist_home, key):
    answer = serve_projection(request(key=key))
    assert (answer.status_code, answer.body.decode()) == (
        404,
        f"There must be a projection of that name. Received: {key}.",
    )
    assert "cache-control" not in answer.headers


def test_a_damaged_projection_is_a_sentence(projection):
    path = projection_files.find_projection(projection.config.key)
    path.write_bytes(path.read_bytes()[:100])
    answer = serve_projection(request(key=projection.config.key))
    assert (answer.status_code, answer.body.decode()) == (
        404,
        f"The projection in {path.name} is damaged; delete that file.",
    )


def test_a_projection_in_space_is_no_map(fmnist_home):
    config = ProjectionConfig(method="pca", dimensions=3, space="pixels", per_class=7)
    save_projection(Projection(config, np.arange(4), np.eye(4, 3, dtype=np.float32), {}, {}))
    answer = serve_projection(request(key=config.key))
    assert (answer.status_code, answer.body.decode()) == (
        404,
        "A map must have two dimensions. Received: a projection with three.",
    )


@pytest.mark.parametrize("items", [[5], [69_999, 0, 17, 60_000, 42], list(range(400))])
def test_garments_come_in_the_order_asked_for(fmnist_home, dataset, items):
    answer = serve_garments(request(f"items={','.join(map(str, items))}"))
    assert answer.body == encode_sprite(dataset.images[items]).png
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    sprite = np.asarray(Image.open(io.BytesIO(answer.body)))
    # What the browser counts on.
    columns = int(np.ceil(np.sqrt(len(items))))
    assert sprite.shape[1] == 28 * columns
    for position, item in enumerate(items):
        top, left = 28 * (position // columns), 28 * (position % columns)
        assert (sprite[top : top + 28, left : left + 28] == dataset.images[item]).all()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "items=",
        "items=,",
        "items=1,",
        "items=-1",
        "items=70000",
        "items=1.5",
        "items=a",
        "items=٣",
        "items=1 2",
        "items=" + ",".join(["1"] * 401),
        "items=" + "9" * 5000,
    ],
)
def test_anything_else_than_item_numbers_is_refused(fmnist_home, query):
    answer = serve_garments(request(query))
    assert (answer.status_code, answer.body.decode()) == (
        400,
        "`items` must be 1 to 400 item numbers from 0 to 69,999 with commas between.",
    )


def test_without_the_data_nothing_is_served(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path))
    for answer in (serve_garments(request("items=1")), serve_projection(request(key="0123456789abcdef"))):
        assert (answer.status_code, answer.body.decode()) == (
            503,
            "The data are not on this machine yet; open a page of the lab to fetch them.",
        )
