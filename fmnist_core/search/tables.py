"""A search's trials as a table, and how much each parameter mattered."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.errors import FmnistError
from fmnist_core.search import database
from fmnist_core.search.records import Search, Trial
from fmnist_core.settings import check_choice

if TYPE_CHECKING:
    import pandas as pd

# What works it out, by key.
IMPORTANCES = {"fanova": "fANOVA", "ped-anova": "PED-ANOVA"}
COLUMNS = ("number", "state", "value", "run_id", "seconds", "epochs", "started", "error")
FEWEST_TRIALS = 4


def tabulate_trials(search: Search) -> "pd.DataFrame":
    """Return one row a trial that has begun: number, state, value, the parameters by name, and the rest of `COLUMNS`.

    Numbers that are not known are NaN, words None; `started` is in seconds since 1970. Where a search varies the
    epochs, `epochs` are those that were asked for.
    """
    import pandas as pd

    names = [parameter.name for parameter in search.config.parameters]
    rows = [_make_row(trial, names) for trial in search.begun]
    table = pd.DataFrame(rows, columns=list(dict.fromkeys([*COLUMNS[:3], *names, *COLUMNS[3:]])))
    numbers = ["value", "seconds", "started"]
    table[numbers] = table[numbers].astype(float)
    table["number"] = table["number"].astype(np.int64)
    if "epochs" not in names:
        table["epochs"] = table["epochs"].astype(np.int64)
    return table


def compute_importance(search: Search, method: str = "fanova") -> Mapping[str, float]:
    """Return the share of each parameter in how the values of complete trials differ, the most important first.

    Args:
        search: with at least `FEWEST_TRIALS` complete trials whose values differ.
        method: "fanova" (Hutter et al., ICML 2014), or "ped-anova" (Watanabe et al., IJCAI 2023), which looks at what
            the better trials have in common.

    Returns:
        Shares that sum to 1, by parameter; those that were never varied have 0.

    Raises:
        InvalidSettingError: for an unknown method.
        FmnistError: if too few trials are complete, or all have the same value.
    """
    check_choice("method", method, IMPORTANCES)
    values = [trial.value for trial in search.trials if trial.state == "complete"]
    if len(values) < FEWEST_TRIALS or len(set(values)) < 2:
        raise FmnistError(
            f"Importance must be worked out from at least {FEWEST_TRIALS} complete trials that differ. "
            f"Received: {len(values)}."
        )
    with database.explained():
        study = database.open_study(search.name)
        from optuna import importance

        evaluator = (
            importance.FanovaImportanceEvaluator(seed=0)
            if method == "fanova"
            else importance.PedAnovaImportanceEvaluator()
        )
        shares = importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in shares.items()}


def _make_row(trial: Trial, names: list[str]) -> dict[str, object]:
    fixed = {name: getattr(trial, name) for name in COLUMNS}
    return {**fixed, **{name: trial.parameters.get(name) for name in names}}
