"""Many cases told alike: one is told through the verbs, then its rows are copied under new ids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from benchmarks.turns import FLOW, GUEST, LANGUAGE
from conversations import memory
from conversations.ids import new_id
from conversations.models import Conversation, Message
from triage import lanes, orchestrator
from triage.models import Answer, Case, CaseEvent, GuestAccess, RunStep, TriageRun

TOGETHER = 200  # copies written in one transaction
OPENING = (
    "Trabalhei três anos numa padaria aqui em Recife e fui demitido sem justa causa no dia 3 de março. Não recebi as "
    "verbas rescisórias, cerca de R$ 12.000, nem as férias vencidas, e o meu FGTS não foi depositado no último ano. "
    "O dono diz que não tem dinheiro e já não atende o telefone. Moro de aluguel e tenho dois filhos."
)
REPLIES = {
    "yes_no": "Não.",
    "date": "Foi no dia 3 de março.",
    "money": "Mais ou menos R$ 12.000.",
    "number": "Uns três.",
    "place": "Recife, PE.",
    "text": "Já liguei várias vezes para o dono e mandei mensagem; quero receber o que é meu.",
}
UNSURE = "não sei"
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Told:
    """`last_words` would end the interview and queue the case; empty: they were said."""

    case_id: str
    last_words: str


def tell(*, to_the_end: bool) -> Told:
    """An interview in which everything is answered; without its last turn unless it goes `to_the_end`."""
    whole = _interview(None)
    return Told(whole[0], "") if to_the_end else Told(_interview(len(whole[1]) - 1)[0], whole[1][-1])


def _interview(turns: int | None) -> tuple[str, list[str]]:
    """Told with so many replies (None: until nothing is asked any more); the case and the replies."""
    outcome = orchestrator.open_case(actor=GUEST, flow_id=FLOW, language=LANGUAGE, text=OPENING, consented=True)
    said: list[str] = []
    while outcome.status == "interviewing" and len(said) != turns:
        asked = outcome.question or {}
        said.append(REPLIES.get(asked.get("kind", ""), UNSURE))
        outcome = orchestrator.answer(actor=GUEST, case_id=outcome.case_id, text=said[-1])
    return outcome.case_id, said


def copy(case_id: str, count: int, *, remembered: bool = False) -> list[str]:
    """So many cases like this one, with its messages, answers, events and access; `remembered`: in Redis as well."""
    made: list[str] = []
    while len(made) < count:
        with transaction.atomic():
            made += _copy(case_id, min(TOGETHER, count - len(made)), remembered=remembered)
    return made


def _copy(case_id: str, count: int, *, remembered: bool) -> list[str]:
    case = Case.objects.select_related("conversation").get(pk=case_id)
    messages = list(Message.objects.filter(conversation=case.conversation))
    answers, events = list(Answer.objects.filter(case=case)), list(CaseEvent.objects.filter(case=case))
    body = memory.recall(case.conversation_id, case.version) if remembered else None
    written = json.dumps([[event.data for event in events], body])
    guest = str(GUEST.guest)
    made: dict[type[models.Model], list[Any]] = {
        kind: [] for kind in (Conversation, Case, Message, Answer, CaseEvent, GuestAccess)
    }
    for _ in range(count):
        conversation = _like(case.conversation, id=new_id("conv"))
        new = _like(case, id=new_id("case"), conversation_id=conversation.pk)
        names = {message.pk: new_id("msg") for message in messages}
        text = written
        for old, name in names.items():
            text = text.replace(old, name)
        data, new_body = json.loads(text)
        made[Conversation].append(conversation)
        made[Case].append(new)
        made[Message] += [_like(m, id=names[m.pk], conversation_id=conversation.pk) for m in messages]
        made[Answer] += [_like(a, case_id=new.pk, message_id=names[a.message_id]) for a in answers]
        made[CaseEvent] += [_like(e, case_id=new.pk, data=d) for e, d in zip(events, data, strict=True)]
        made[GuestAccess].append(GuestAccess(case_id=new.pk, capability_hash=guest))
        if new_body is not None:
            memory.remember(conversation.pk, new.version, new_body)
    for kind, rows in made.items():
        kind._default_manager.bulk_create(rows, 1000)
    return [row.pk for row in made[Case]]


def _like(row: Row, **changes: Any) -> Row:
    """A row with these columns changed and, where the database numbers rows, without a number."""
    columns = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    }
    return type(row)(**{**columns, **changes})


def queue(case_ids: Sequence[str], priority: str = "normal", *, head_start: timedelta | None = None) -> None:
    """Queue these cases, new or analysed before, as the verbs do, but together and without a message to the workers."""
    now = timezone.now()
    turn_at = lanes.turn_of(priority, now, None) if head_start is None else now + head_start
    place = lanes.Place(str(TriageRun.Lane.INTERACTIVE), priority, now, turn_at, 1)
    for start in range(0, len(case_ids), TOGETHER):
        some = case_ids[start : start + TOGETHER]
        with transaction.atomic():
            RunStep.objects.filter(run__case__in=some).delete()
            TriageRun.objects.filter(case__in=some).delete()
            Conversation.objects.filter(case__in=some).update(closed_at=None)
            Case.objects.filter(pk__in=some).update(
                state=Case.State.QUEUED, question="", priority="", result=None, completed_at=None
            )
            TriageRun.objects.bulk_create(
                TriageRun(id=new_id("run"), case_id=case_id, **place.columns) for case_id in some
            )
