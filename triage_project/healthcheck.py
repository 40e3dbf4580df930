"""Whether the part of this container works; exit code 1 and a reason when not.

    python triage_project/healthcheck.py web 8000
    python triage_project/healthcheck.py worker|batch|schedule

A program of its own that imports nothing of ours: containers are asked every few seconds, and what the package
imports takes a third of a second of a processor each time.
"""

import http.client
import os
import sys
import time
from pathlib import Path

SECONDS = 3.0  # for web to answer
# How old a sign may be (see signs.py). Workers give one every two seconds, the schedule at least every ten.
PATIENCE = {"worker": 15.0, "batch": 15.0, "schedule": 40.0}


def web(port: int) -> str:
    """Why it does not work; empty when it does."""
    hosts = os.environ.get("ALLOWED_HOSTS", "").split(",")
    name = next((host.strip().lstrip(".") for host in hosts if host.strip() not in ("", "*")), "localhost")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": name})
        answer = connection.getresponse()
        return "" if answer.status == http.HTTPStatus.OK else f"{answer.status} {answer.read(200)!r}"
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {error}"
    finally:
        connection.close()


def sign_of(name: str) -> str:
    """Why it does not work; empty when it does."""
    try:
        age = time.time() - (Path(os.environ["TRIAGE_DATA_DIR"]) / "run" / name).stat().st_mtime
    except OSError:
        return "not ready yet"
    return "" if age < PATIENCE[name] else f"silent for {age:.0f} s"


if __name__ == "__main__":
    sys.exit((web(int(sys.argv[2])) if sys.argv[1] == "web" else sign_of(sys.argv[1])) or None)
