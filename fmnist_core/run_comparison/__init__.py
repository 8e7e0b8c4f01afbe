"""Two to ten runs side by side: their curves, what they differ in, what they came to, and which is really better."""

from fmnist_core.run_comparison.answers import (
    ORDERS,
    SCORES,
    ClassTable,
    SharedAnswers,
    judge_pairs,
    judge_recipes,
    load_answers,
    order_classes,
    score_classes,
)
from fmnist_core.run_comparison.choice import FEWEST, MOST, Choice, Group, choose_default, choose_runs, group_runs
from fmnist_core.run_comparison.lines import ALIGNMENTS, AXES, METRICS, PARTS, CompareView, GroupLine, build_lines
from fmnist_core.run_comparison.results import (
    Result,
    compute_results,
    find_common_best,
    tabulate_curves,
    tabulate_results,
)
from fmnist_core.run_comparison.settings_table import SettingsTable, compare_settings

__all__ = [
    "ALIGNMENTS",
    "AXES",
    "FEWEST",
    "METRICS",
    "MOST",
    "ORDERS",
    "PARTS",
    "SCORES",
    "Choice",
    "ClassTable",
    "CompareView",
    "Group",
    "GroupLine",
    "Result",
    "SettingsTable",
    "SharedAnswers",
    "build_lines",
    "choose_default",
    "choose_runs",
    "compare_settings",
    "compute_results",
    "find_common_best",
    "group_runs",
    "judge_pairs",
    "judge_recipes",
    "load_answers",
    "order_classes",
    "score_classes",
    "tabulate_curves",
    "tabulate_results",
]
