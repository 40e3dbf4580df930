"""The measuring process of `benchmarks.runs`: orders on standard input, lines of JSON on standard output."""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")
django.setup(set_prefix=False)

# All need the applications to be ready.
from benchmarks.runs import enqueue, kills, starvation, throughput  # noqa: E402
from benchmarks.turns import load_flows  # noqa: E402

PARTS = {
    "throughput": throughput.measure,
    "enqueue": enqueue.measure,
    "kills": kills.measure,
    "starvation": starvation.measure,
}


def say(text: str) -> None:
    print(json.dumps({"progress": text}), flush=True)


def main() -> None:
    load_flows()
    for line in sys.stdin:
        order = json.loads(line)
        say(f"{order['part']}, load average {os.getloadavg()[0]:.1f}")
        print(json.dumps(PARTS[order["part"]](order, say)), flush=True)


if __name__ == "__main__":
    main()
