"""The staff account of somebody's own machine, so that a fresh installation can be signed in to."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.contrib.auth.models import User

from triage.access import actor_of_key, create_api_key
from triage.errors import NotSignedIn
from triage_project.child import CannotStart
from triage_project.private_file import write_private

USERNAME = "staff"
OURS = "(local account)"


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str
    api_key: str


def credentials_path(data_dir: Path) -> Path:
    return data_dir / "credentials.json"


def local_account(data_dir: Path) -> Credentials:
    """The kept credentials when they still work, else new ones for the same user.

    Only for DEBUG: whoever may read the file may do everything. A user of this name whom we did not make is
    left alone, and so is the password of one that we made elsewhere. Raises CannotStart.
    """
    kept = _read(credentials_path(data_dir))
    if kept and _works(kept):
        return kept
    user, made_now = User.objects.get_or_create(username=USERNAME, defaults={"last_name": OURS})
    if not made_now and user.last_name != OURS:
        raise CannotStart(f"The database has a user '{USERNAME}' of its own; rename it, or set SECRET_KEY.")
    password = secrets.token_urlsafe(12)
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(password)
    user.save()
    made = Credentials(USERNAME, password, create_api_key(user, name="local account"))
    write_private(credentials_path(data_dir), json.dumps(asdict(made), indent=2) + "\n")
    return made


def _read(path: Path) -> Credentials | None:
    try:
        return Credentials(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _works(credentials: Credentials) -> bool:
    user = User.objects.filter(username=credentials.username, is_active=True, is_staff=True).first()
    if user is None or not user.check_password(credentials.password):
        return False
    try:
        return actor_of_key(credentials.api_key).user_id == user.pk
    except NotSignedIn:
        return False
