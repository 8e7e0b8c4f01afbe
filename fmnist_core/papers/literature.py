"""Figures from elsewhere, as the papers cite them: claims all of them, never results of the lab."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Claim:
    """A figure that somebody claims for Fashion-MNIST.

    Attributes:
        name: of the system.
        accuracy: on test items, 0 to 1.
        source: who claims it, and which paper cites it.
        year: of the claim; None if not known.
        parameters: of the network; None if not known.
        remark: what is to be said of it; mostly empty.
        cited_by: keys of the papers that cite it.
        credible: whether it was measured on today's data in a way that can be repeated.
    """

    name: str
    accuracy: float
    source: str
    year: int | None = None
    parameters: int | None = None
    remark: str = ""
    cited_by: tuple[str, ...] = ()
    credible: bool = False


@cache
def load_literature() -> tuple[Claim, ...]:
    """Read the claims, the highest first."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(sorted(map(_read_claim, table["claims"]), key=lambda claim: -claim.accuracy))


def _read_claim(entry: dict[str, Any]) -> Claim:
    return Claim(**entry | {"cited_by": tuple(entry.get("cited_by", ()))})
