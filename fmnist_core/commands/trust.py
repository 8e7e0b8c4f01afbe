"""The command `trust`."""

import argparse
from typing import Any

from fmnist_core import runs
from fmnist_core.commands.console import Commands, import_keras, print_json, show_share


def add(commands: Commands) -> None:
    """Add the command."""
    trust = commands.add("trust", _trust, "Find out when a run's network may be believed, and keep it.")
    trust.add_argument("run", metavar="RUN", nargs="?", help="name of the run; the one that answers by default")
    trust.add_argument("--ship", action="store_true", help="compute it anew, into the run's own folder")


def _trust(options: argparse.Namespace) -> None:
    from fmnist_core import studies
    from fmnist_core.trust import STUDY, Trust, load_trust

    run = runs.find_answering_run(options.run)
    import_keras()
    from fmnist_core import trust_fitting

    if options.ship:
        trust_fitting.ship_trust(run, show_share)
    known = load_trust(run) or Trust.from_arrays(studies.execute(studies.Request(run, STUDY, {}), show_share))
    summary: dict[str, Any] = {
        "run_id": run.run_id,
        "validated": known.validated,
        "temperature": known.temperature,
        "growth": known.growth,
        "least_confidence": known.least_confidence,
    }
    if options.json:
        print_json(summary)
        return
    print(
        f"{run.run_id}: unsure below {known.least_confidence:.0%}, or where a picture looks like no garment; "
        f"{known.validated:,} validation items decided."
    )
