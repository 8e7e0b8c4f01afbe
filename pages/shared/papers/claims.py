"""A paper's tables, rebuilt: what each network is said to reach, what came out here, and a way to train it oneself."""

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from fmnist_core import runs
from fmnist_core.papers.documents import Document, Table
from fmnist_core.papers.running import shorten
from fmnist_core.papers.verdicts import FIGURES, VERDICTS, Comparison, Line, compare
from fmnist_core.progress import say_duration
from pages.shared import cache, components, widgets
from pages.shared.papers import starting

_claims = components.register("claims")
_SHORT = {"test": "Test", "f1": "Mean F1", "validation": "Best validation", "train": "Best training"}
_LEAST_SPAN = 0.02
_READING = (
    "Hollow circles and the first figure are what the paper claims; filled dots and the second one are what came out "
    "here, the bar behind a dot its spread over seeds."
)


def show_claims(document: Document) -> None:
    """Show the table that the user chooses."""
    starting.follow_up()
    titles = {str(number): table.title for number, table in enumerate(document.tables, start=1)}
    number = "1"
    if len(titles) > 1:
        options = {"widget": st.pills, "required": True, "label_visibility": "collapsed"}
        number = widgets.select("Table", titles, key="table", **options)
    table = document.tables[int(number) - 1]
    st.caption(_READING)
    lines = compare(table, document, cache.paper_results())
    show_table(table, lines, runs.list_runs().runs, key=f"claims-{document.key}-{number}")


def show_table(table: Table, lines: Sequence[Line], all_runs: Sequence[runs.Run], *, key: str) -> None:
    """Show a table.

    Args:
        table: of a paper.
        lines: a row each.
        all_runs: of which those of the table's recipes are linked.
        key: the component's key.
    """
    figures = [_scale(name, lines) for name in FIGURES if _is_told(name, lines)]
    data = {
        "label": table.title,
        "figures": figures,
        "rows": [_describe(line, table, [run for run in all_runs if run.recipe == line.recipe.name]) for line in lines],
    }

    def ask() -> None:
        asked = st.session_state[key]["asked"]
        if asked["name"] in {line.recipe.name for line in lines}:
            starting.receive(asked["name"], bool(asked["quick"]))

    _claims(
        key=key,
        data=data,
        on_asked_change=ask,
        on_opened_change=lambda: starting.open_run(str(st.session_state[key]["opened"])),
    )


def _is_told(name: str, lines: Sequence[Line]) -> bool:
    """Whether a figure gets a column: it is claimed somewhere, or where nothing is claimed at all it is the first."""
    claimed = {figure for line in lines for figure, value in line.figures.items() if value.claimed is not None}
    return name in claimed or (not claimed and name == "test")


def _scale(name: str, lines: Sequence[Line]) -> dict[str, Any]:
    values = [value for line in lines for value in _values(line.figures[name])] or [0.9]
    low, high = math.floor(100 * min(values)) / 100, math.ceil(100 * max(values)) / 100
    return {"key": name, "title": _SHORT[name], "low": low, "high": max(high, low + _LEAST_SPAN)}


def _values(figure: Comparison) -> list[float]:
    values = [] if figure.claimed is None else [figure.claimed]
    if figure.measured:
        spread = figure.measured.spread or 0.0
        values += [figure.measured.mean - spread, figure.measured.mean + spread]
    return values


def _describe(line: Line, table: Table, own: Sequence[runs.Run]) -> dict[str, Any]:
    config, verdict = line.recipe.config, VERDICTS[line.verdict]
    return {
        "name": line.recipe.name,
        "title": line.recipe.title,
        "settings": _find_settings(line, table),
        "figures": {name: _fill_cell(name, figure) for name, figure in line.figures.items()},
        "verdict": {"key": line.verdict, "label": verdict.label, "sentence": verdict.sentence},
        "facts": [{"label": label, "text": text} for label, text in _find_facts(line)],
        "whyNot": "" if line.seconds else line.why_not,
        "active": [_link(run, f"{run.status.capitalize()}: watch it on Train") for run in own if run.active],
        "runs": [_link(run, _say_run(run)) for run in own if not run.active],
        "run": {"hint": starting.say_plan(config, line.results)},
        "quick": {"hint": starting.say_plan(shorten(config), line.results)},
    }


def _find_settings(line: Line, table: Table) -> list[tuple[str, str]]:
    """Return names and values of what varies, as the paper prints it or as the recipe has it."""
    printed = (table.cells or {}).get(line.recipe.name, {})
    settings = []
    for name in table.varied:
        value = printed.get(name, getattr(line.recipe.config, name, None))
        if value not in (None, ""):
            settings.append((name.replace("_", " "), f"{value:g}" if isinstance(value, float) else str(value)))
    return settings


def _fill_cell(name: str, figure: Comparison) -> dict[str, Any]:
    measured = figure.measured
    spread = (measured.spread or 0.0) if measured else 0.0
    claimed = "–" if figure.claimed is None else f"{100 * figure.claimed:.2f}"
    text = "–"
    if measured:
        text = f"{100 * measured.mean:.2f}" + (f" ± {100 * spread:.2f}" if measured.spread is not None else "")
    return {
        "claimed": figure.claimed,
        "claimedText": claimed,
        "mean": measured.mean if measured else None,
        "low": measured.mean - spread if measured else None,
        "high": measured.mean + spread if measured else None,
        "text": text,
        "words": _say_figure(name, figure, text),
    }


def _say_figure(name: str, figure: Comparison, text: str) -> str:
    claimed = "nothing claimed" if figure.claimed is None else f"claimed {figure.claimed:.2%}"
    if figure.measured is None:
        return f"{FIGURES[name]}: {claimed}, not measured yet"
    seeds = f"{figure.measured.n} {'seed' if figure.measured.n == 1 else 'seeds'}"
    verdict = "" if figure.claimed is None else f": {VERDICTS[figure.verdict].label}"
    return f"{FIGURES[name]}: {claimed}, measured {text}% ({seeds}){verdict}"


def _find_facts(line: Line) -> list[tuple[str, str]]:
    facts = [("Network", line.recipe.description)]
    facts += [("Seed " + str(result.seed), _say_result(result)) for result in line.results]
    if line.why_not:
        facts.append(("Why not" if not line.seconds else "Note", line.why_not))
    elif not line.results:
        facts.append(("Measured", "Not yet."))
    facts += [("Reading", note) for note in line.recipe.notes]
    return facts


def _say_result(result: Any) -> str:
    validated = "" if result.val_accuracy is None else f", best validation {result.val_accuracy:.2%}"
    ended = "" if result.epochs == result.epochs_planned else f" of {result.epochs_planned}"
    return (
        f"test {result.test_accuracy:.2%}{validated}; {result.epochs}{ended} epochs in {say_duration(result.seconds)} "
        f"on {result.device}, {result.precision}, {result.date}. {result.note}".strip()
    )


def _say_run(run: runs.Run) -> str:
    accuracy = "" if run.test_accuracy is None else f": test {run.test_accuracy:.2%}"
    return f"{run.title}, {run.config.epochs} epochs planned, {run.status}{accuracy}"


def _link(run: runs.Run, text: str) -> dict[str, str]:
    path, query = starting.find_place(run)
    return {"id": run.run_id, "text": text, "href": f"{path}?{urlencode(query)}"}
