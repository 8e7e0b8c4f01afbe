"""Measure the lab: `make bench`, or `python -m tests.bench NAME…` for some of it."""

import sys
from datetime import UTC, datetime

from tests.bench import (
    analysis,
    map_page,
    pages,
    photos,
    prediction,
    projections,
    records,
    runs_page,
    time_machine,
    training,
)

BENCHES = {
    "training": training.run,
    "records": records.run,
    "prediction": prediction.run,
    "photos": photos.run,
    "projections": projections.run,
    "analysis": analysis.run,
    "map": map_page.run,
    "time-machine": time_machine.run,
    "runs": runs_page.run,
    "pages": pages.run,
}

# What takes half an hour and runs only when it is named.
LONG = ("records",)


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"There are {', '.join(BENCHES)}. Received: {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    for name in names or [name for name in BENCHES if name not in LONG]:
        print(f"\n## {name}, {datetime.now(UTC):%Y-%m-%d}", flush=True)
        BENCHES[name]()
    return 0


sys.exit(main(sys.argv[1:]))
