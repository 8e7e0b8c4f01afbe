"""Which runs are compared, and which of them belong together because they differ in nothing but their seed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

from fmnist_core.config import TrainingConfig
from fmnist_core.repeats import are_repeats, label_runs
from fmnist_core.runs import Run

FEWEST, MOST = 2, 10
# So many settings tell runs of one recipe apart in a legend; what differs in more is told apart by its time.
_MOST_NAMED = 2


@dataclass(frozen=True)
class Choice:
    """What a link that names runs comes to.

    Attributes:
        runs: those that are there, in its order, each once.
        missing: names that no run has any more, or never had.
        left_out: runs beyond the tenth.
    """

    runs: tuple[Run, ...]
    missing: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that differ in nothing but their seed, by seed; or a single one.

    Attributes:
        label: a few letters, others for each group.
        runs: at least one.
    """

    label: str
    runs: tuple[Run, ...]

    @property
    def title(self) -> str:
        """The label, with how many seeds there are if there are several."""
        return self.label if len(self.runs) == 1 else f"{self.label} · {len(self.runs)} seeds"

    @property
    def name(self) -> str:
        """What the group is known by, the same whatever else is compared."""
        return self.runs[0].run_id

    @property
    def key(self) -> tuple[str, ...]:
        """The names of its runs."""
        return tuple(run.run_id for run in self.runs)


def choose_runs(names: Sequence[str], runs: Sequence[Run]) -> Choice:
    """Find the runs that a link names, at most ten.

    Args:
        names: run_ids; empty ones do not count.
        runs: all that there are.
    """
    known = {run.run_id: run for run in runs}
    wanted = [name for name in dict.fromkeys(names) if name]
    found = [known[name] for name in wanted if name in known]
    missing = tuple(name for name in wanted if name not in known)
    return Choice(tuple(found[:MOST]), missing, max(len(found) - MOST, 0))


def choose_default(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the runs that are compared before anybody has chosen.

    Those are the newest two that were made here and have been tested; where there are not so many, the networks that
    came with the lab and were tested on the official test set, for photographs trained ones aside.

    Args:
        runs: all, newest first and shipped ones last.
    """
    own = [run for run in runs if not run.shipped and run.has_evaluation and not run.active]
    if len(own) >= FEWEST:
        return tuple(own[:FEWEST])
    shipped = [run for run in runs if run.shipped and run.has_evaluation and not run.config.is_baseline]
    official = [run for run in shipped if run.config.split == "official" and not run.config.street]
    return tuple((own + (official if len(official) >= FEWEST else shipped))[:MOST])


def group_runs(runs: Sequence[Run], pooled: bool = True) -> list[Group]:
    """Put runs together that differ in nothing but their seed; the groups stand in the order of their first runs.

    Of two with the same seed, the second begins a group of its own: it repeats the first rather than the recipe.

    Args:
        runs: any.
        pooled: whether to do so at all; if not, every run is a group of its own.
    """
    found: list[list[Run]] = []
    for run in runs:
        for members in found if pooled else ():
            if are_repeats(run, members[0]) and all(run.config.seed != other.config.seed for other in members):
                members.append(run)
                break
        else:
            found.append([run])
    labels = _label([members[0] for members in found])
    return [
        Group(label, tuple(sorted(members, key=lambda run: run.config.seed)))
        for label, members in zip(labels, found, strict=True)
    ]


def _label(runs: Sequence[Run]) -> list[str]:
    """Return what to call runs: as people named them, else by recipe and, where that fits several, what differs."""
    by_time = label_runs(runs)
    alike = Counter(run.recipe for run in runs)
    labels = []
    for run, fallback in zip(runs, by_time, strict=True):
        short = run.recipe.rpartition("/")[2]
        differing = _find_differing([other.config for other in runs if other.recipe == run.recipe])
        if run.labels.name:
            labels.append(run.labels.name)
        elif alike[run.recipe] == 1:
            labels.append(short)
        elif 0 < len(differing) <= _MOST_NAMED and "layers" not in differing:
            told = ", ".join(f"{name.replace('_', ' ')} {getattr(run.config, name)}" for name in differing)
            labels.append(f"{short} {told}")
        else:
            labels.append(fallback)
    counts = Counter(labels)
    labels = [fallback if counts[label] > 1 else label for label, fallback in zip(labels, by_time, strict=True)]
    counts = Counter(labels)
    return [
        f"{label} {run.run_id[-4:]}" if counts[label] > 1 else label for label, run in zip(labels, runs, strict=True)
    ]


def _find_differing(configs: Sequence[TrainingConfig]) -> list[str]:
    return [
        field.name
        for field in fields(TrainingConfig)
        if any(getattr(config, field.name) != getattr(configs[0], field.name) for config in configs)
    ]
