"""What a check finds: a claim, what the lab computes from it, and what follows."""

from dataclasses import dataclass

CONTRADICTION, IMPLAUSIBLE, HOLDS, AMBIGUOUS = "contradiction", "implausible", "holds", "ambiguous"

# What each kind is called, and what it means; in the order in which findings are shown.
KINDS: dict[str, tuple[str, str]] = {
    CONTRADICTION: ("Contradiction", "The figures that the paper prints cannot all be true."),
    IMPLAUSIBLE: ("Implausible", "It could be true, but hardly is."),
    AMBIGUOUS: ("Ambiguous", "The paper can be read in more than one way."),
    HOLDS: ("Holds", "What was checked fits together."),
}


@dataclass(frozen=True)
class Finding:
    """A check of a paper and its outcome.

    Attributes:
        key: of the check, unique within a paper.
        title: what was found, in a few words.
        claim: what the paper says, and where.
        computed: what the lab computes from it, with the numbers.
        reasoning: what follows from it and why, in a sentence or two.
        kind: key of `KINDS`.
        recipe: name of the recipe that it is about; empty if it is about none in particular.
    """

    key: str
    title: str
    claim: str
    computed: str
    reasoning: str
    kind: str
    recipe: str = ""


def write_share(share: float, digits: int = 2) -> str:
    """Return a share, 0 to 1, in per cent: "91.73%"."""
    return f"{100 * share:.{digits}f}%"
