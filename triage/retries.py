"""Whether a step that failed is tried again, and when.

Permanent is what the same words will bring about again: a flow or a stored result that does not say what it must,
and mistakes of the program (a name, a type, a key). The steps are functions of what was said, so a second try
would only keep the person waiting for the same answer; once the mistake is mended, staff retry. An analyzer that asks
somebody else must not let such errors out for an odd reply: it says what went wrong in an error of its own.

Everything else may pass by itself and is tried again: the database, the network, Redis, a time limit, and whatever is
not known here, as giving up too early costs a person more than one more try costs us.
"""

from __future__ import annotations

import random
from datetime import timedelta

from django.db import DataError
from pydantic import ValidationError

from triage.analysis.llm.errors import ModelUnusable
from triage.breaker import Postponed
from triage.errors import FlowInvalid, InvalidInput
from triage.flows.schema import Analysis

PERMANENT: tuple[type[Exception], ...] = (
    FlowInvalid,
    InvalidInput,
    ValidationError,
    DataError,
    TypeError,
    AttributeError,
    NameError,
    LookupError,
    AssertionError,
    ModelUnusable,
)
FIRST_PAUSE = timedelta(seconds=4)
LONGEST_PAUSE = timedelta(minutes=5)


def is_permanent(error: BaseException) -> bool:
    return isinstance(error, PERMANENT)


def pause(failures: int) -> timedelta:
    """Before the next try after so many (1: the first) failures: doubled each time, times a random share, so that
    those who failed together do not come back together."""
    doubled: int = 2 ** min(failures - 1, 20)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doubled) * random.random()


def wait(error: BaseException, failures: int, policy: Analysis) -> timedelta | None:
    """How long to wait before the step is tried again, which has failed so often with this one; None: not again."""
    if is_permanent(error):
        return None
    if isinstance(error, Postponed):
        return timedelta(seconds=error.retry_after) + pause(1)
    return pause(failures) if failures < policy.attempts else None


def counts(error: BaseException) -> bool:
    """Whether this was a try: a provider that must not be asked now was not asked."""
    return not isinstance(error, Postponed)


def budget(policy: Analysis) -> timedelta:
    return timedelta(minutes=policy.minutes)
