"""One trial while its run trains: every epoch is reported, and once the run has ended the trial is told of it."""

from typing import TYPE_CHECKING, Any

from fmnist_core import jobs, run_data, runs
from fmnist_core.errors import RunNotFoundError
from fmnist_core.run_requests import note_run
from fmnist_core.runs import Run

if TYPE_CHECKING:
    import optuna

# Marks of a trial in the storage: the epoch after which it was pruned; the status in which its run waits for the search
# to go on.
PRUNED_AT, HELD = "pruned_at", "held"


class Watch:
    """A trial that has begun, and its run.

    Attributes:
        number: of the trial.
        run_id: of its run.
        epochs: how many the run is to train.
        ended: whether the trial has been told how it ended, or is held.
    """

    def __init__(self, study: "optuna.Study", trial: "optuna.Trial", run_id: str | None, epochs: int) -> None:
        self.number = trial.number
        self.run_id = run_id
        self.epochs = epochs
        self.ended = False
        self._study = study
        self._trial = trial
        self._marks = dict(trial.user_attrs)
        self._accuracies = dict(self.frozen.intermediate_values)
        self._stamp: tuple[int, int] | None = None
        self._resumed = False

    @property
    def frozen(self) -> "optuna.trial.FrozenTrial":
        """The trial as the storage has it."""
        return self._study.get_trials(deepcopy=False)[self.number]

    def let_go(self) -> None:
        """Let a run go on that the search had stopped, or that was interrupted together with it."""
        run = self._load()
        if self._pruned:
            self._ask_to_stop()
        elif run is not None and run.resumable and run.status in (runs.INTERRUPTED, self._marks.get(HELD)):
            jobs.resume(run.run_id)
        self._mark(HELD, None)

    def hold(self) -> None:
        """Stop the run; the trial stays as it is until the search goes on."""
        if not self._held:
            self._mark(HELD, runs.STOPPED)
            self._ask_to_stop()

    def look(self) -> bool:
        """See what the run has done since, and return whether there is anything new."""
        run = self._load()
        if run is None:
            self.fail("Its run was deleted, or cannot be read any more.")
            return True
        # In this order: a run that has ended here has written all of its epochs.
        new = self._report_epochs(run)
        if run.active:
            return new
        if run.status == runs.INTERRUPTED and run.resumable and not (self._resumed or self._held or self._pruned):
            self._resumed = True
            jobs.resume(run.run_id)
            return new
        self._end(run)
        return True

    def fail(self, reason: str) -> None:
        """Tell that nothing came of the trial."""
        from optuna.trial import TrialState

        self._mark("error", reason)
        self._study.tell(self._trial, state=TrialState.FAIL)
        self.ended = True

    def _end(self, run: Run) -> None:
        from optuna.trial import TrialState

        if self._held and run.resumable and run.status != runs.FAILED:
            self.ended = True
            return
        self._mark("seconds", float(run_data.load_history(run)["seconds"].sum()))
        # One that was to be pruned may have come to its end before it heard of that.
        if self._accuracies and (run.status == runs.FINISHED or max(self._accuracies) >= self.epochs):
            self._study.tell(self._trial, max(self._accuracies.values()))
        elif (run.status == runs.STOPPED or self._pruned) and self._accuracies:
            # By the search, or by somebody who has seen enough of it.
            self._explain_pruning(run)
            self._study.tell(self._trial, state=TrialState.PRUNED)
        else:
            self.fail(self._find_reason(run))
        self.ended = True

    def _find_reason(self, run: Run) -> str:
        reasons = {
            runs.FINISHED: "Its run has measured no validation accuracy.",
            runs.STOPPED: "Its run was stopped before its first epoch had ended.",
            runs.INTERRUPTED: "Its run was interrupted twice.",
        }
        return str(run.record.get("error") or reasons.get(run.status, "Its run failed."))

    def _explain_pruning(self, run: Run) -> None:
        if self._pruned and "note" not in run.record:
            epoch = self._marks[PRUNED_AT]
            note_run(run, f"Pruned by its search after epoch {epoch}: other trials were better by then.")

    def _report_epochs(self, run: Run) -> bool:
        """Report the epochs that are new, and ask the run to stop if the pruner says so."""
        try:
            status = (run.path / "history.csv").stat()
        except OSError:
            return False
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp == self._stamp:
            return False
        self._stamp, before = stamp, len(self._accuracies)
        history = run_data.load_history(run).dropna(subset=["val_accuracy"])
        for epoch, accuracy in zip(history["epoch"].astype(int), history["val_accuracy"], strict=True):
            if epoch not in self._accuracies:
                self._accuracies[int(epoch)] = float(accuracy)
                self._trial.report(float(accuracy), int(epoch))
        latest = max(self._accuracies, default=0)
        if len(self._accuracies) > before and run.active and latest < self.epochs and self._trial.should_prune():
            self._mark(PRUNED_AT, latest)
            self._ask_to_stop()
        return len(self._accuracies) > before

    def _ask_to_stop(self) -> None:
        run = self._load()
        if run is not None and run.active:
            jobs.stop(run.run_id)

    @property
    def _held(self) -> bool:
        return bool(self._marks.get(HELD))

    @property
    def _pruned(self) -> bool:
        return self._marks.get(PRUNED_AT) is not None

    def _load(self) -> Run | None:
        try:
            return runs.load_run(self.run_id or "")
        except RunNotFoundError:
            return None

    def _mark(self, name: str, value: Any) -> None:
        if self._marks.get(name) != value:
            self._marks[name] = value
            self._trial.set_user_attr(name, value)
