"""Plain Celery that does the same work: the same functions on the same facts, the result written in one transaction.

No lease, no steps, no fencing, no events: a worker that is killed begins anew, and what two workers write of one case
is not told apart. It answers what our guarantees cost.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")

app = Celery("plain", broker=settings.CELERY_BROKER_URL, set_as_current=False)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue="plain",
    broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
    worker_hijack_root_logger=False,
)


@app.task(name="plain.analyse")
def analyse(case_id: str) -> None:
    from triage.analysis.codecs import ASSESSMENT  # the applications are ready only here
    from triage.models import Case
    from triage.orchestrator.recollection import facts_of
    from triage.orchestrator.ruling import assessment_columns
    from triage.orchestrator.steps import STEPS

    case = Case.objects.get(pk=case_id)
    facts = facts_of(case)
    outputs: dict[str, Any] = {}
    for name, step in STEPS.items():
        outputs[name] = step(facts, outputs)
    columns = assessment_columns(ASSESSMENT.validate_python(outputs["assess"]))
    with transaction.atomic():
        Case.objects.filter(pk=case_id).update(
            state=Case.State.COMPLETED, result=outputs["compose"], completed_at=Now(), **columns
        )


@worker_ready.connect
def tell(**_: Any) -> None:
    if ready := os.environ.get("BENCHMARK_READY"):
        Path(ready).touch()
