"""What several runs have answered, side by side."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core import run_comparison, runs
from fmnist_core.evaluation.several import MeansTest, PairTest
from pages.shared.cache.items import dataset

# Which runs, and when each was tested.
Key = tuple[tuple[str, float], ...]


def answers_of(compared: Sequence[runs.Run]) -> run_comparison.SharedAnswers:
    """Return what those of several runs that have been tested have answered (15 ms a run).

    Raises:
        RunNotFoundError: if a file of answers is damaged.
    """
    return _answers_of(_make_key(compared))


def pairs_of(compared: Sequence[runs.Run]) -> list[PairTest]:
    """Return the tests of every two of several runs; see `answers_of`."""
    return _pairs_of(_make_key(compared))


def recipes_of(compared: Sequence[runs.Run], groups: Sequence[run_comparison.Group]) -> list[MeansTest]:
    """Return the tests of every two groups of several seeds; see `answers_of`."""
    return _recipes_of(_make_key(compared), _name_groups(groups), groups)


def classes_of(
    compared: Sequence[runs.Run], groups: Sequence[run_comparison.Group], score: str
) -> run_comparison.ClassTable:
    """Return a score of the classes for groups of runs (15 ms a run); see `answers_of`.

    Raises:
        InvalidSettingError: if they have answered none of the same items.
    """
    return _classes_of(_make_key(compared), _name_groups(groups), score, groups)


def _make_key(compared: Sequence[runs.Run]) -> Key:
    return tuple((run.run_id, run.tested_at) for run in compared if run.has_evaluation)


def _name_groups(groups: Sequence[run_comparison.Group]) -> tuple[tuple[str, ...], ...]:
    return tuple(group.key for group in groups)


@st.cache_resource(show_spinner=False, max_entries=16)
def _answers_of(key: Key) -> run_comparison.SharedAnswers:
    return run_comparison.load_answers([runs.load_run(run_id) for run_id, _ in key], dataset().labels)


@st.cache_resource(show_spinner=False, max_entries=16)
def _pairs_of(key: Key) -> list[PairTest]:
    return run_comparison.judge_pairs(_answers_of(key))


@st.cache_resource(show_spinner=False, max_entries=16)
def _recipes_of(
    key: Key, names: tuple[tuple[str, ...], ...], _groups: Sequence[run_comparison.Group]
) -> list[MeansTest]:
    return run_comparison.judge_recipes(_answers_of(key), _groups)


@st.cache_resource(show_spinner=False, max_entries=48)
def _classes_of(
    key: Key, names: tuple[tuple[str, ...], ...], score: str, _groups: Sequence[run_comparison.Group]
) -> run_comparison.ClassTable:
    return run_comparison.score_classes(_answers_of(key), _groups, score)
