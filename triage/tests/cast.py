"""Who appears in tests: Alice owns cases, Bob is staff, Charlie is a stranger. And the cases they have."""

from __future__ import annotations

from django.contrib.auth.models import Permission, User

from triage import orchestrator, runs
from triage.access import Actor, actor_of
from triage.models import Case
from triage.orchestrator import running
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL

CRASH = "I had a crash on the street and fainted"
"""In the small flow: a category, and a red flag that makes it critical."""


def alice() -> User:
    """The owner of cases."""
    return User.objects.get_or_create(username="alice", defaults={"email": "alice@example.org"})[0]


def bob() -> User:
    """Staff with every permission on triage, and none elsewhere."""
    user, made = User.objects.get_or_create(username="bob", defaults={"is_staff": True})
    if made:
        user.user_permissions.set(Permission.objects.filter(content_type__app_label="triage"))
    return user


def charlie() -> User:
    """Somebody with an account and no right to any case."""
    return User.objects.get_or_create(username="charlie")[0]


def staff_who_may(*codenames: str) -> User:
    """Staff with these permissions on triage (`view_case`) alone."""
    user = User.objects.create_user(f"may_{'_'.join(codenames) or 'nothing'}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="triage", codename__in=codenames))
    return user


def acting(user: User) -> Actor:
    return actor_of(user, None)


def make_case(owner: User | None = None, text: str = CRASH, language: str = "en") -> Case:
    """A case of `owner` (default: Alice) in the small flow; with `text` its first turn is taken."""
    load_small_flow()
    opened = orchestrator.open_case(actor=acting(owner or alice()), flow_id=SMALL.id, language=language, text=text)
    return Case.objects.get(pk=opened.case_id)


def completed_case(owner: User | None = None, text: str = CRASH) -> Case:
    """A case whose analysis is done, by a worker of this process."""
    case = make_case(owner, text)
    orchestrator.force_complete(actor=acting(owner or alice()), case_id=case.pk)
    return run_to_the_end(case)


def begun(case: Case, owner: str = "test") -> runs.Claim:
    """The claim of a worker that has begun with what is due: the case is being analysed now."""
    claim = orchestrator.take(lane="interactive", owner=owner)
    assert claim is not None
    running.begin(claim)
    case.refresh_from_db()
    return claim


def run_to_the_end(case: Case) -> Case:
    """Analyse what is due, as a worker would."""
    claim = orchestrator.take(lane="interactive", owner="test")
    assert claim is not None
    orchestrator.analyse(claim=claim)
    case.refresh_from_db()
    return case
