"""A report as one HTML file that asks nothing of the network: its style, its pictures and its figures stand in it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

import numpy as np

from fmnist_core import __version__
from fmnist_core.classes import CLASS_COLORS, CLASS_NAMES
from fmnist_core.evaluation.calibration import say_temperature
from fmnist_core.evaluation.confusion import find_confused_pairs, say_confusion
from fmnist_core.evaluation.intervals import Estimate
from fmnist_core.evaluation.metrics import CLASS_METRICS, METRICS
from fmnist_core.evaluation.overfitting import compute_gaps
from fmnist_core.reporting.content import Report
from fmnist_core.reporting.drawings import draw_bars, draw_curves, draw_reliability
from fmnist_core.reporting.style import CSS
from fmnist_core.reporting.tables import read_areas
from fmnist_core.sheets import encode_data_url
from fmnist_core.splits import SPLITS, describe_item

# How many mistakes are shown; all of them are in the tables.
SHOWN_MISTAKES = 60
_PAIRS = 10
# Nothing may be fetched, whatever a name that stands in the page might hold.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_html(report: Report) -> str:
    """Return the report as a whole HTML page, a few hundred kB."""
    title = f"Mistakes of {escape(report.run.recipe)}"
    sections = (
        _write_facts,
        _write_scores,
        _write_classes,
        _write_confusion,
        _write_calibration,
        _write_curves,
        _write_overfitting,
        _write_gallery,
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"{''.join(section(report) for section in sections)}"
        f'<p class="note">Made by Fashion-MNIST Lab {__version__} on {report.moment:%Y-%m-%d at %H:%M}. Fashion-MNIST '
        "is by Zalando Research (arXiv 1708.07747, MIT).</p>\n</body>\n</html>\n"
    )


def _write_facts(report: Report) -> str:
    run, record = report.run, report.run.record
    accuracy = report.metrics["accuracy"]
    result, items = record.get("result") or {}, record.get("items") or {}
    facts = {
        "Run": run.run_id,
        "Recipe": run.recipe,
        "Status": run.status,
        "Submitted": datetime.fromtimestamp(run.created).strftime("%Y-%m-%d %H:%M"),
        "Parameters": f"{run.parameters:,}",
        "Split": SPLITS[run.config.split].title,
        "Items": ", ".join(f"{name} {count:,}" for name, count in items.items()),
        "Epochs": result.get("epochs"),
        "Seconds": f"{result['seconds']:,.0f}" if "seconds" in result else None,
        "Device": record.get("device"),
        "Versions": ", ".join(f"{name} {version}" for name, version in (record.get("versions") or {}).items()),
    }
    known = [(name, escape(str(value))) for name, value in facts.items() if value not in (None, "")]
    settings = [(name, f"<code>{escape(_say_setting(value))}</code>") for name, value in run.config.to_dict().items()]
    half = -(-len(settings) // 2)
    return (
        f"<p>{accuracy.value:.2%} of {len(report.answers.items):,} test items are answered rightly (95% interval "
        f"{accuracy.low:.2%} to {accuracy.high:.2%}); {len(report.mistakes):,} are mistakes.</p>\n"
        f"<h2>The run</h2>\n{_write_table((), known)}<h2>Its settings</h2>\n"
        f'<div class="facts">{_write_table((), settings[:half])}{_write_table((), settings[half:])}</div>\n'
    )


def _say_setting(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _write_scores(report: Report) -> str:
    rows = []
    for name, found in report.metrics.items():
        metric = METRICS[name]
        rows.append((metric.title, *_say_estimate(found, metric.is_share), escape(metric.meaning)))
    return (
        f"<h2>Scores</h2>\n{_write_table(('', 'value', '95% interval', 'meaning'), rows, numbers=(1, 2))}"
        '<p class="note">The interval says how far chance in choosing the items may have moved a figure.</p>\n'
    )


def _say_estimate(found: Estimate, is_share: bool) -> tuple[str, str]:
    form = ".2%" if is_share else ".4f"
    return format(found.value, form), f"{found.low:{form}} to {found.high:{form}}"


def _write_classes(report: Report) -> str:
    scores, roc, precision = report.classes, read_areas(report.roc), read_areas(report.precision_recall)
    rows = []
    for index, name in enumerate(CLASS_NAMES):
        cells = [
            f"{value:.1%}<br><span class='note'>{low:.1%} to {high:.1%}</span>"
            for value, low, high in zip(scores.values[index], scores.low[index], scores.high[index], strict=True)
        ]
        areas = ["" if np.isnan(area) else f"{area:.4f}" for area in (roc[index], precision[index])]
        rows.append((escape(name), *cells, f"{scores.support[index]:,}", *areas))
    head = ("class", *(name.lower() for name in CLASS_METRICS), "items", "area under ROC", "average precision")
    return f"<h2>By class</h2>\n{_write_table(head, rows, numbers=range(1, 7))}"


def _write_confusion(report: Report) -> str:
    matrix = report.confusion_matrix
    highest = max(int(matrix.max()), 1)
    wrong = max(int((matrix - np.diag(np.diag(matrix))).max()), 1)
    rows = []
    for true, name in enumerate(CLASS_NAMES):
        cells = []
        for predicted, count in enumerate(matrix[true].tolist()):
            color = "47,112,176" if true == predicted else "205,84,28"
            strength = 0.9 * count / (highest if true == predicted else wrong)
            ink = "#fff" if strength > 0.5 else "inherit"
            cells.append(f'<td style="background:rgba({color},{strength:.3f});color:{ink}">{count or ""}</td>')
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    head = "".join(f"<th>{escape(name)}</th>" for name in CLASS_NAMES)
    pairs = "".join(f"<li>{escape(say_confusion(*pair))}</li>" for pair in find_confused_pairs(matrix, _PAIRS))
    return (
        "<h2>Confusion matrix</h2>\n<p>Rows are true classes, columns what the network said.</p>\n"
        f'<div class="scroll"><table class="matrix"><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>\n"
        + (f"<p>Confused most:</p>\n<ul>{pairs}</ul>\n" if pairs else "<p>Not a single mistake.</p>\n")
    )


def _write_calibration(report: Report) -> str:
    before, mending = report.reliability, report.mending
    charts = [_caption(draw_reliability(before), f"As it is: off by {before.expected_error:.2%} on average (ECE).")]
    said = (
        f"It is {before.mean_confidence:.2%} sure on average and right in {before.mean_accuracy:.2%}. Bars on the "
        f"dashed line would be honest; the farthest is off by {before.maximum_error:.2%}."
    )
    if mending is None:
        said += " Without readable answers for validation items, there is nothing to mend that with."
    else:
        said += (
            f" Its logits divided by {mending.temperature:.2f}, a temperature found on the validation items, change no "
            f"answer, and take the log loss from {mending.loss_before:.4f} to {mending.loss_after:.4f}: it is "
            f"{say_temperature(mending.temperature)}."
        )
        mended = f"With that temperature: off by {mending.after.expected_error:.2%} on average."
        charts.append(_caption(draw_reliability(mending.after), mended))
    return f'<h2>Calibration</h2>\n<p>{said}</p>\n<div class="charts">{"".join(charts)}</div>\n'


def _write_curves(report: Report) -> str:
    if report.roc is None or report.precision_recall is None:
        return ""
    roc = draw_curves(report.roc, "false alarms", "recall", "ROC curves")
    precision = draw_curves(report.precision_recall, "recall", "precision", "Precision-recall curves")
    legend = "".join(
        f'<li style="--color:{color}">{escape(name)}</li>'
        for name, color in (*zip(CLASS_NAMES, CLASS_COLORS, strict=True), ("mean", "#000000"))
    )
    return (
        f'<h2>Each class against the others</h2>\n<ul class="legend">{legend}</ul>\n<div class="charts">'
        f"{_caption(roc, f'ROC: a mean area of {report.roc.macro.area:.4f}.')}"
        f"{_caption(precision, f'Precision and recall: a mean area of {report.precision_recall.macro.area:.4f}.')}"
        "</div>\n"
    )


def _caption(drawing: str, text: str) -> str:
    return f"<figure>{drawing}<figcaption>{text}</figcaption></figure>"


def _write_overfitting(report: Report) -> str:
    if "train" not in report.parts:
        return ""
    rows = [(name, f"{part.items.sum():,}", *_say_estimate(part.accuracy, True)) for name, part in report.parts.items()]
    gap = compute_gaps(report.parts["train"], report.parts["test"]).overall
    return (
        f"<h2>Overfitting</h2>\n{_write_table(('', 'items', 'accuracy', '95% interval'), rows, numbers=(1, 2, 3))}"
        f"<p>What it was trained on it knows better by {100 * gap.value:.2f} points ({100 * gap.low:.2f} to "
        f"{100 * gap.high:.2f}).</p>\n"
    )


def _write_gallery(report: Report) -> str:
    shown = report.mistakes[:SHOWN_MISTAKES]
    if not len(shown):
        return ""
    entries = []
    for position in shown:
        label, probabilities = int(report.answers.labels[position]), report.answers.probabilities[position]
        place = describe_item(int(report.answers.items[position]))
        where = f"{place['split']} {place['index']}"
        said = (
            f"{CLASS_NAMES[label]}, called <b>{CLASS_NAMES[int(probabilities.argmax())]}</b> at "
            f'{probabilities.max():.1%} <span class="note">{where}</span>'
        )
        picture = f'<img src="{encode_data_url(report.images[position])}" alt="{CLASS_NAMES[label]}, {where}">'
        entries.append(f"<li>{picture}{draw_bars(probabilities, label)}<p>{said}</p></li>")
    return (
        f"<h2>The mistakes</h2>\n<p>The {len(shown):,} most confident of {len(report.mistakes):,}; bars from the top "
        f"down: {escape(', '.join(CLASS_NAMES))}. The true class is blue, the answer orange.</p>\n"
        f'<ul class="gallery">{"".join(entries)}</ul>\n'
    )


def _write_table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Return a table of cells that are HTML already."""

    def write(cells: Sequence[str], tag: str) -> str:
        written = (
            f'<{tag} class="number">{cell}</{tag}>' if place in numbers else f"<{tag}>{cell}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{''.join(written)}</tr>"

    top = f"<thead>{write(head, 'th')}</thead>" if head else ""
    body = f"<tbody>{''.join(write(row, 'td') for row in rows)}</tbody>"
    return f'<div class="scroll"><table>{top}{body}</table></div>\n'
