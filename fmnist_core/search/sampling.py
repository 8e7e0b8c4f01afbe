"""Optuna's samplers and pruners as a search wants them."""

from typing import TYPE_CHECKING, Any

from fmnist_core.search.config import SearchConfig
from fmnist_core.search.parameters import CHOICE, INT, Parameter

if TYPE_CHECKING:
    import optuna


def make_sampler(config: SearchConfig, number: int) -> "optuna.samplers.BaseSampler":
    """Return what samples the trial of a number; a search that goes on samples what it would have sampled before."""
    import numpy as np
    from optuna import samplers

    seed = int(np.random.SeedSequence([config.seed, number]).generate_state(1)[0])
    if config.sampler == "tpe":
        # Bergstra et al., NeurIPS 2011. With few trials it must not spend all of them on looking around.
        return samplers.TPESampler(n_startup_trials=max(4, min(10, config.trials // 3)), seed=seed)
    # The cells of a grid wait in the storage: nothing is left to sample.
    return samplers.RandomSampler(seed=seed)


def make_pruner(config: SearchConfig, epochs: int) -> "optuna.pruners.BasePruner":
    """Return what tells which trials are to be stopped.

    Args:
        config: of the search.
        epochs: of the longest trial.
    """
    from optuna import pruners

    match config.pruner:
        case "median":
            return pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1)
        case "successive-halving":
            # Jamieson and Talwalkar, AISTATS 2016; asynchronous as in Li et al., MLSys 2020.
            return pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)
        case "hyperband":
            # Li et al., JMLR 2018.
            return pruners.HyperbandPruner(min_resource=1, max_resource=epochs, reduction_factor=3)
    return pruners.NopPruner()


def suggest(trial: "optuna.Trial", parameter: Parameter) -> Any:
    """Return a trial's value of a parameter, sampled now unless it has been before."""
    name = parameter.name
    if parameter.kind == CHOICE:
        return trial.suggest_categorical(name, parameter.choices)
    step = None if parameter.values else parameter.step
    low, high = parameter.low or 0, parameter.high or 0
    if step:
        # Where the steps end, which may be before the range does.
        high = max(value for value in parameter.grid if isinstance(value, int | float))
    if parameter.kind == INT:
        return trial.suggest_int(name, int(low), int(high), step=int(step or 1), log=parameter.log)
    return trial.suggest_float(name, low, high, step=step, log=parameter.log)
