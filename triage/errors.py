"""Everything that can go wrong on purpose, as one tree.

    TriageError                     code                    HTTP
    ├── NotSignedIn                 not_signed_in           401
    ├── NotAllowed                  not_allowed             403
    ├── NotFound                    not_found               404
    │   ├── CaseNotFound            case_not_found          404
    │   ├── RunNotFound             run_not_found           404
    │   ├── AlertNotFound           alert_not_found         404
    │   ├── ResultNotReady          result_not_ready        404
    │   ├── ReturnCodeUnknown       return_code_unknown     404
    │   ├── CorrectionNotFound      correction_not_found    404
    │   └── BatchNotFound           batch_not_found         404
    ├── MethodNotAllowed            method_not_allowed      405
    ├── Conflict                    conflict                409
    │   ├── StaleQuestion           stale_question          409
    │   ├── CaseNotOpen             case_not_open           409
    │   ├── CaseBusy                case_busy               409  (Retry-After)
    │   └── TransitionRefused       transition_refused      409
    ├── InvalidInput                invalid_input           422
    │   ├── UnknownFlow             unknown_flow            422
    │   ├── UnknownVersion          unknown_version         422
    │   ├── UnknownCategory         unknown_category        422
    │   ├── UnknownLanguage         unknown_language        422
    │   └── IdempotencyKeyReused    idempotency_key_reused  422
    ├── TooBig                      too_big                 413
    ├── TooManyStreams              too_many_streams        429  (Retry-After)
    ├── Unavailable                 unavailable             503  (Retry-After)
    └── FlowInvalid                 flow_invalid            500  (operators only)

`code` is a stable contract: clients branch on it. `detail` is for people and never carries
internals. Edges translate a TriageError into problem details (RFC 9457), a WebSocket
error frame or one line on the terminal. What else they must expect is a database that is away
(`django.db.DatabaseError`), which becomes Unavailable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_noop as _


class TriageError(Exception):
    """Base of the tree.

    `detail` is one sentence for a person; `fields` maps a field of the request to what is
    wrong with it; `retry_after` is in whole seconds (None: retrying will not help).
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    default_retry_after: ClassVar[int | None] = None

    def __init__(
        self,
        detail: str = "",
        *,
        fields: Mapping[str, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields = dict(fields or {})
        self.retry_after = retry_after if retry_after is not None else self.default_retry_after


class NotSignedIn(TriageError):
    code, status, title = "not_signed_in", 401, "A session or an API key is needed"


class NotAllowed(TriageError):
    code, status, title = "not_allowed", 403, "This needs a permission that you do not have"


class NotFound(TriageError):
    code, status, title = "not_found", 404, "Nothing is here"


class CaseNotFound(NotFound):
    """Unknown and not yours look the same, so that ids cannot be probed."""

    code, title = "case_not_found", "There is no such case"


class RunNotFound(NotFound):
    """Unknown and of somebody else's case look the same."""

    code, title = "run_not_found", "There is no such run"


class AlertNotFound(NotFound):
    code, title = "alert_not_found", "There is no such alert"


class ResultNotReady(NotFound):
    code, title = "result_not_ready", "This case has no result yet"


class ReturnCodeUnknown(NotFound):
    code, title = "return_code_unknown", "No case has this return code"


class BatchNotFound(NotFound):
    code, title = "batch_not_found", "There is no such batch"


class CorrectionNotFound(NotFound):
    code, title = "correction_not_found", "There is no such correction"


class MethodNotAllowed(TriageError):
    code, status, title = "method_not_allowed", 405, "This address does not take that method"


class Conflict(TriageError):
    code, status, title = "conflict", 409, "The case has moved on"


class StaleQuestion(Conflict):
    code, title = "stale_question", "That question is not open any more"


class CaseNotOpen(Conflict):
    code, title = "case_not_open", "This case takes no messages now"


class CaseBusy(Conflict):
    code, title = "case_busy", _("Others are writing to this case at this moment")
    default_retry_after = 1


class TransitionRefused(Conflict):
    code, title = "transition_refused", "The case cannot do that in its present state"


class InvalidInput(TriageError):
    code, status, title = "invalid_input", 422, "The request cannot be understood"


class UnknownFlow(InvalidInput):
    code, title = "unknown_flow", "There is no such flow"


class UnknownVersion(InvalidInput):
    code, title = "unknown_version", "The flow has no such version"


class UnknownCategory(InvalidInput):
    code, title = "unknown_category", "The flow has no such category"


class UnknownLanguage(InvalidInput):
    code, title = "unknown_language", "The flow does not speak this language"


class IdempotencyKeyReused(InvalidInput):
    code, title = "idempotency_key_reused", "This Idempotency-Key was used for another request"


class TooBig(TriageError):
    code, status, title = "too_big", 413, "The request is too big"


class TooManyStreams(TriageError):
    code, status, title = "too_many_streams", 429, "Too many live connections are open"
    default_retry_after = 5


class Unavailable(TriageError):
    code, status, title = "unavailable", 503, "This is unavailable for a moment"
    default_retry_after = 2


class FlowInvalid(TriageError):
    """A flow file does not say what a flow must say; `problems` lists every one found.

    Each problem reads `file: path: reason`.
    """

    code, title = "flow_invalid", "The flow file has mistakes"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
