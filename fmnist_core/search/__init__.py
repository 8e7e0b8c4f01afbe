"""Searches for better settings, on Optuna: what varies, how it is sampled, when bad trials are cut short.

Each trial is an ordinary run in the same queue. All that a search knows lies in Optuna's storage and in the run
folders, so a driver that was killed goes on where it was.
"""

from fmnist_core.search.config import PRUNERS, SAMPLERS, SearchConfig
from fmnist_core.search.control import go_on, leave_all, start, state, stop
from fmnist_core.search.database import find_url
from fmnist_core.search.parameters import VARIABLES, Parameter, Variable
from fmnist_core.search.presets import PRESETS, Preset
from fmnist_core.search.records import (
    Search,
    SearchListing,
    Trial,
    best_config,
    create_search,
    delete_search,
    find_free_name,
    find_trial_runs,
    list_searches,
    load_search,
)
from fmnist_core.search.tables import compute_importance, tabulate_trials

__all__ = [
    "PRESETS",
    "PRUNERS",
    "SAMPLERS",
    "VARIABLES",
    "Parameter",
    "Preset",
    "Search",
    "SearchConfig",
    "SearchListing",
    "Trial",
    "Variable",
    "best_config",
    "compute_importance",
    "create_search",
    "delete_search",
    "find_free_name",
    "find_trial_runs",
    "find_url",
    "go_on",
    "leave_all",
    "list_searches",
    "load_search",
    "start",
    "state",
    "stop",
    "tabulate_trials",
]
