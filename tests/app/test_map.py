import numpy as np
import pytest

from fmnist_core import projecting, projection_files
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.projection_config import ProjectionConfig
from pages.shared.projection_inputs import write_query

PAGE = "data/map.py"


@pytest.fixture
def open_map(open_page):
    def open_map(**query):
        page = open_page(PAGE, **query)
        assert not page.exception
        return page

    return open_map


def texts(page):
    return [entry.value for kind in (page.markdown, page.caption, page.info, page.error) for entry in kind]


def find_text(page, beginning):
    found = [text for text in texts(page) if text.startswith(beginning)]
    assert found, texts(page)
    return found[0]


def test_the_first_visitor_sees_all_items_at_once_with_how_far_to_trust_it(open_map):
    page = open_map()
    quality = projection_files.load_projection(ProjectionConfig().key).quality
    text = find_text(page, "UMAP from 50 principal components, 70,000 items.")
    assert f"{quality['neighbor_accuracy']:.1%}" in text
    assert f"{quality['trustworthiness']:.3f}" in text
    assert not page.error


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_in_space_a_sample_is_shown_and_said_to_be_one(open_map, method):
    page = open_map(method=method, dimensions="3")
    figure = page.get("plotly_chart")[0]
    assert figure.proto.spec.count('"scatter3d"') == 10
    assert find_text(page, "10,000 of the 70,000 items, drawn at random")


def test_a_pinned_item_shows_how_many_of_its_neighbours_share_its_label(open_map, dataset):
    page = open_map(item="60007")
    pixels = dataset.images.reshape(70_000, -1).astype(np.float32)
    distances = ((pixels - pixels[60_007]) ** 2).sum(axis=1)
    distances[60_007] = np.inf
    nearest = np.argsort(distances, kind="stable")[:10]
    same = (dataset.labels[nearest] == dataset.labels[60_007]).sum()
    assert find_text(page, f"**{same} of the 10 nearest** are labelled {CLASS_NAMES[dataset.labels[60_007]]} too.")
    assert find_text(page, "test item 7")
    page.button(key="unpin").click().run()
    assert "item" not in page.query_params
    assert find_text(page, "#### Put a finger on one")


@pytest.mark.parametrize("item", ["-1", "70000", "shoe", "1e3", "²", ""])
def test_an_item_that_there_is_not_is_not_pinned(open_map, item):
    assert find_text(open_map(item=item), "#### Put a finger on one")


def test_what_has_not_been_computed_is_offered_with_the_time_that_it_takes(open_map):
    page = open_map(n_neighbors="40")
    text = find_text(page, "**UMAP from 50 principal components**, 70,000 items, has not been computed yet.")
    assert "It takes about" in text
    assert [button.label for button in page.button if button.key.startswith("compute")] == ["Compute it"]


def test_while_one_waits_the_map_before_it_stays(open_map, fmnist_home):
    page = open_map(method="pca")
    find_text(page, "PCA from 50 principal components, 70,000 items.")
    config = ProjectionConfig(method="tsne", perplexity=12.0)
    projecting.announce(config)
    page.query_params["perplexity"] = "12"
    page.session_state["method"] = "tsne"
    page.run()
    assert page.button(key=f"cancel {config.key}").label == "Cancel"
    find_text(page, "PCA from 50 principal components, 70,000 items.")
    page.button(key=f"cancel {config.key}").click().run()
    assert projecting.load_progress(config.key) is None
    find_text(page, "**t-SNE from 50 principal components**, 70,000 items, has not been computed yet.")


def test_a_failure_is_told_and_the_rest_of_the_page_goes_on(open_map):
    assert find_text(open_map(chosen="0123456789abcdef"), "`chosen` must name a list of items that is kept here.")
    page = open_map(per_class="3", n_neighbors="100")
    assert find_text(page, "`n_neighbors` 100 needs at least 101 items")
    assert page.selectbox(key="space").options


def test_a_custom_axis_is_there_at_once(open_map):
    page = open_map(method="axis", to="pullover", per_class="50")
    find_text(page, "Custom axis from 50 principal components, 500 items.")
    made = projection_files.list_projections()[-1]
    assert (made.config.from_class, made.config.to_class) == (CLASS_NAMES.index("Coat"), CLASS_NAMES.index("Pullover"))
    page.selectbox(key="to").select("coat").run()
    assert find_text(page, "`from_class` and `to_class` must be two classes. Received: Coat twice.")


def test_a_selection_can_be_projected_alone_and_left_again(open_map):
    items = np.arange(0, 70_000, 100)
    page = open_map(method="pca", chosen=projection_files.keep_items(items))
    find_text(page, "Only **700 selected items** are projected.")
    page.button(key="everything").click().run()
    assert "chosen" not in page.query_params
    find_text(page, "PCA from 50 principal components, 70,000 items.")


@pytest.mark.parametrize("color", ["predicted", "correctness", "confidence"])
def test_what_a_run_answers_can_colour_the_map_and_the_rest_is_offered(open_map, color):
    page = open_map(color=color)
    assert page.selectbox(key="run").value == "mcnn-proposed"
    find_text(page, "**mcnn/proposed · reference run** has been asked about its test part only.")


def test_every_map_that_there_is_stands_in_the_table_of_quality(open_map):
    page = open_map(view="How good")
    table = page.dataframe[0].value
    shipped = projection_files.list_projections()
    assert table["items"].tolist() == [70_000] * len(shipped)
    assert table["trustworthiness"].between(0.5, 1).all()
    assert table["map"].is_monotonic_increasing
    assert any("method=umap" in link and "dimensions=3" in link for link in table["link"])


@pytest.mark.parametrize(
    "config",
    [
        ProjectionConfig(),
        ProjectionConfig(method="axis", from_class=9, to_class=0),
        ProjectionConfig(method="tsne", space="pixels", standardised=True, perplexity=12.5, metric="cosine", seed=3),
        ProjectionConfig(method="umap", n_components=10, part="test", per_class=100, items_seed=4, min_dist=0.5),
    ],
    ids=lambda config: config.method,
)
def test_a_link_asks_for_the_very_projection(open_map, config):
    page = open_map(**write_query(config))
    progress = [button.key for button in page.button if button.key.startswith("compute")]
    if projection_files.find_projection(config.key):
        assert (page.session_state["map shown"], progress) == (config.key, [])
    else:
        assert progress == [f"compute {config.key}"]


def find_place(page):
    """Where the map lies on the page: the numbers of the blocks around it, from the outermost to its own."""

    def search(block, path):
        for number, child in getattr(block, "children", {}).items():
            if child.type == "bidi_component":
                return (*path, number)
            found = search(child, (*path, number))
            if found:
                return found
        return None

    return search(page.main, ())


def test_whatever_is_said_above_it_the_map_keeps_its_place(open_map):
    # A map that moves is there twice until the page has run: the browser leaves the old one where it was.
    everything = find_place(open_map())
    assert everything
    items = np.arange(60_000, 60_300)
    assert find_place(open_map(method="pca", chosen=projection_files.keep_items(items))) == everything
    assert find_place(open_map(method="tsne", perplexity="40")) == everything
