"""What the image must be, read from its Dockerfile."""

from __future__ import annotations

import re

from django.conf import settings

LINES = re.sub(r"\\\n", " ", (settings.BASE_DIR / "Dockerfile").read_text()).splitlines()
STEPS = [line.split(None, 1) for line in LINES if line.strip() and not line.startswith("#")]


def stage(name: str) -> list[list[str]]:
    """The steps of one stage."""
    begin = next(i for i, (word, rest) in enumerate(STEPS) if word == "FROM" and rest.endswith(f" AS {name}"))
    end = next((i for i in range(begin + 1, len(STEPS)) if STEPS[i][0] == "FROM"), len(STEPS))
    return STEPS[begin:end]


def position(steps: list[list[str]], word: str, pattern: str) -> int:
    return next(i for i, step in enumerate(steps) if step[0] == word and re.search(pattern, step[1]))


def test_the_program_does_not_run_as_root() -> None:
    for name in ("program", "flower"):
        users = [rest for word, rest in stage(name) if word == "USER"]
        assert users[-1] == "10001:10001"


def test_the_base_is_pinned_to_a_version_of_python() -> None:
    assert any(re.fullmatch(r"PYTHON=3\.11\.\d+-slim-\w+", rest) for word, rest in STEPS if word == "ARG")


def test_compilers_stay_in_the_first_stage() -> None:
    installs = [rest for word, rest in stage("program") if word == "RUN"]
    assert not any("apt-get" in command or "build-essential" in command for command in installs)


def test_a_changed_line_of_code_does_not_install_everything_again() -> None:
    steps = stage("program")
    assert (
        position(steps, "COPY", r"^requirements\.txt")
        < position(steps, "RUN", "pip install")
        < position(steps, "COPY", r"^\. ")
    )
    assert not any(word == "ADD" for word, _ in STEPS)


def test_no_secret_stays_in_the_image() -> None:
    assert not any("SECRET" in rest or "PASSWORD" in rest for word, rest in STEPS if word in ("ENV", "ARG"))
    ignored = (settings.BASE_DIR / ".dockerignore").read_text().split()
    assert {".*", "**/.env", "var/"} <= set(ignored)


def test_it_is_watched_and_stopped_kindly() -> None:
    words = [word for word, _ in stage("program")]
    assert {"HEALTHCHECK", "STOPSIGNAL", "CMD"} <= set(words)
