"""Who somebody is, and fetch-and-authorise in one call.

An actor is a signed-in user, a guest (a browser session that holds a random capability), or both. The
capability lives in the session's data, not in its key, which changes at sign-in; on the case
only its hash is kept. Unknown and not yours are the same `CaseNotFound`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from triage.errors import CaseNotFound, NotAllowed, NotSignedIn, ReturnCodeUnknown
from triage.events import Audience, By
from triage.models import ApiKey, Case, GuestAccess

CASE_ID = re.compile(r"[a-zA-Z0-9_-]{1,40}")
GUEST_SESSION_KEY = "triage_guest"
KEY_PREFIX = "tri_"
RETURN_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread or misheard
RETURN_CODE_LENGTH = 12  # 58 bits


@dataclass(frozen=True, slots=True)
class Actor:
    """`sees_all` and `changes_all` are the staff permissions `view_case` and `change_case`.

    `session_key` or `api_key_id` is what they came with: when it ends, their streams do. So do those of a session when
    the password changes, of which `password_mark` is a digest.
    """

    user_id: int | None = None
    guest: str | None = None
    sees_all: bool = False
    changes_all: bool = False
    session_key: str | None = None
    password_mark: str | None = None
    api_key_id: int | None = None

    @property
    def key(self) -> str:
        """A stable name, for idempotency keys and limits."""
        return f"user:{self.user_id}" if self.user_id is not None else f"guest:{self.guest}"

    @property
    def is_known(self) -> bool:
        return self.user_id is not None or self.guest is not None

    @property
    def is_system(self) -> bool:
        return self.changes_all and self.user_id is None

    @property
    def audience(self) -> Audience:
        return "staff" if self.sees_all else "client"

    @property
    def by(self) -> By:
        return "staff" if self.changes_all else "client"


SYSTEM = Actor(sees_all=True, changes_all=True)
"""Commands on the machine itself and background work."""


def secret_hash(kind: str, secret: str) -> str:
    """Keyed with SECRET_KEY, so that a stolen table opens nothing and short codes cannot be searched for."""
    return hmac.new(f"{kind}:{settings.SECRET_KEY}".encode(), secret.encode(), hashlib.sha256).hexdigest()


def allow_staff(actor: Actor, *, to_change: bool = False) -> None:
    """Who may see all cases, or change all. Raises NotSignedIn, NotAllowed."""
    if not actor.is_known and not actor.is_system:
        raise NotSignedIn
    if not (actor.changes_all if to_change else actor.sees_all):
        raise NotAllowed


def password_mark(password: str) -> str:
    """Of the stored hash: whether it is still the same, without keeping it."""
    return hashlib.blake2b(password.encode(), digest_size=12).hexdigest()


def actor_of(user: AbstractBaseUser | AnonymousUser | None, session: MutableMapping[str, Any] | None) -> Actor:
    """The actor behind a session and its user (either may be missing)."""
    capability = session.get(GUEST_SESSION_KEY) if session is not None else None
    guest = secret_hash("guest", capability) if isinstance(capability, str) else None
    session_key = getattr(session, "session_key", None)
    if not isinstance(user, User) or not user.is_active:
        return Actor(guest=guest, session_key=session_key)
    return Actor(
        user_id=user.pk,
        guest=guest,
        session_key=session_key,
        password_mark=password_mark(user.password) if session_key is not None else None,
        sees_all=user.is_staff and user.has_perm("triage.view_case"),
        changes_all=user.is_staff and user.has_perm("triage.change_case"),
    )


def actor_of_key(key: str) -> Actor:
    """The actor behind an API key; raises NotSignedIn when it is unknown, revoked or its user inactive."""
    row = ApiKey.objects.select_related("user").filter(key_hash=secret_hash("key", key), revoked_at=None).first()
    if row is None or not row.user.is_active:
        raise NotSignedIn("This API key is not valid.")
    return replace(actor_of(row.user, None), api_key_id=row.pk)


def become_guest(session: MutableMapping[str, Any], form_key: str = "") -> Actor:
    """Give the session a capability, if it has none yet.

    `form_key`: the random key of the form that was sent. Sent twice before the first answer came with a
    cookie, it makes one guest and not two.
    """
    if not isinstance(session.get(GUEST_SESSION_KEY), str):
        capability = secret_hash("capability", form_key) if form_key else secrets.token_urlsafe(32)
        session[GUEST_SESSION_KEY] = capability
    return actor_of(None, session)


def visible_cases(actor: Actor) -> QuerySet[Case]:
    """The actor's own cases; for staff all."""
    if actor.sees_all:
        return Case.objects.all()
    return own_cases(actor)


def own_cases(actor: Actor) -> QuerySet[Case]:
    if not actor.is_known:
        return Case.objects.none()
    mine = Q()
    if actor.user_id is not None:
        mine |= Q(owner_id=actor.user_id)
    if actor.guest is not None:
        mine |= Q(Exists(GuestAccess.objects.filter(case=OuterRef("pk"), capability_hash=actor.guest)))
    return Case.objects.filter(mine)


def access_case(actor: Actor, case_id: str, *, to_change: bool = False, to_speak: bool = False) -> Case:
    """The case with its conversation.

    `to_change`: staff who may, or the owner. `to_speak`: to say something as the client, the owner alone.
    Raises NotSignedIn for nobody, CaseNotFound for unknown or not yours, NotAllowed when the actor may
    look but not do that.
    """
    if not actor.is_known and not actor.is_system:
        raise NotSignedIn
    if not CASE_ID.fullmatch(case_id):
        raise CaseNotFound
    case = visible_cases(actor).select_related("conversation").filter(pk=case_id).first()
    if case is None:
        raise CaseNotFound
    is_free = actor.is_system or not (to_change or to_speak) or (to_change and actor.changes_all)
    if not is_free and not own_cases(actor).filter(pk=case_id).exists():
        raise NotAllowed
    return case


def watched_case(actor: Actor, case_id: str) -> tuple[int, str]:
    """Last seq and state of a case that the actor may see: the light `access_case` of streams, which come in thousands.

    Raises NotSignedIn, CaseNotFound.
    """
    if not actor.is_known and not actor.is_system:
        raise NotSignedIn
    if CASE_ID.fullmatch(case_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT owner_id, last_seq, state FROM triage_case WHERE id = %s", [case_id])
            rows = cursor.fetchall()
        for owner, last_seq, state in rows:
            is_owner = actor.user_id is not None and owner == actor.user_id
            if actor.sees_all or is_owner or own_cases(actor).filter(pk=case_id).exists():
                return last_seq, state
    raise CaseNotFound


def create_api_key(user: User, name: str = "") -> str:
    """A new key of `user`; the returned text is never seen again."""
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    ApiKey.objects.create(user=user, name=name, prefix=key[:10], key_hash=secret_hash("key", key))
    return key


def new_return_code() -> tuple[str, str]:
    """A code to write down (`K7QF-3M9P-XWRD`) and its hash."""
    code = "".join(secrets.choice(RETURN_CODE_ALPHABET) for _ in range(RETURN_CODE_LENGTH))
    return "-".join(code[i : i + 4] for i in range(0, RETURN_CODE_LENGTH, 4)), secret_hash("return", code)


def find_by_return_code(typed: str) -> Case:
    """The case of a return code, however it was typed; raises ReturnCodeUnknown."""
    code = "".join(character for character in typed.upper() if character in RETURN_CODE_ALPHABET)
    case = Case.objects.filter(return_code_hash=secret_hash("return", code)).first() if code else None
    if case is None:
        raise ReturnCodeUnknown
    return case
