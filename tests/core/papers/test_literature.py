from fmnist_core.papers.checks import compute_limit, find_implausible
from fmnist_core.papers.documents import PAPERS
from fmnist_core.papers.literature import Claim, load_literature


def test_the_literature_is_sorted_and_complete():
    claims = load_literature()
    accuracies = [claim.accuracy for claim in claims]
    assert accuracies == sorted(accuracies, reverse=True)
    assert all(0 < accuracy < 1 for accuracy in accuracies)
    assert {0.835, 0.897, 0.991, 0.98, 0.9404, 0.9254, 0.9072, 0.9186, 0.9352, 0.949, 0.9268} <= set(accuracies)
    assert {claim.accuracy for claim in claims if claim.credible} == {0.9659, 0.9555}
    assert {key for claim in claims for key in claim.cited_by} <= set(PAPERS)
    assert len({claim.name for claim in claims}) == len(claims)


def test_claims_of_97_per_cent_and_more_are_implausible():
    claims = load_literature()
    assert {claim.name for claim in find_implausible(claims)} == {
        claim.name for claim in claims if claim.accuracy >= 0.97
    }
    assert len(find_implausible(claims)) == 3


def test_a_better_credible_figure_moves_the_limit():
    claim, best = Claim("a", 0.98, "b"), Claim("c", 0.979, "d", credible=True)
    assert find_implausible([claim, Claim("c", 0.96, "d", credible=True)]) == (claim,)
    assert find_implausible([claim, best]) == ()
    assert compute_limit([claim, best])[0] == 0.979
