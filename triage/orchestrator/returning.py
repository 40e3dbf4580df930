"""Coming back to a case: contact details, the return code, another device.

None of it is an event: it is nobody's business but the owner's and the staff's.
"""

from __future__ import annotations

from triage.access import Actor, access_case, find_by_return_code, new_return_code
from triage.errors import NotSignedIn
from triage.models import Case, GuestAccess


def keep_contact(
    *, actor: Actor, case_id: str, name: str = "", phone: str = "", email: str = "", safe_to_call: bool | None = None
) -> None:
    """How to reach the person, if they want to be reached."""
    case = access_case(actor, case_id, to_speak=True)
    Case.objects.filter(pk=case.pk).update(
        contact_name=name, contact_phone=phone, contact_email=email, safe_to_call=safe_to_call
    )


def issue_return_code(*, actor: Actor, case_id: str) -> str:
    """A code that opens the case on another device. Only its hash is kept; a new one replaces it."""
    case = access_case(actor, case_id, to_speak=True)
    code, hash_ = new_return_code()
    Case.objects.filter(pk=case.pk).update(return_code_hash=hash_)
    return code


def admit_guest(*, actor: Actor, code: str) -> Case:
    """Let a guest in who typed a return code. Raises ReturnCodeUnknown, NotSignedIn without a session."""
    if actor.guest is None:
        raise NotSignedIn
    case = find_by_return_code(code)
    GuestAccess.objects.get_or_create(case=case, capability_hash=actor.guest)
    return case
