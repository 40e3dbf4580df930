"""The Celery application; its settings are Django's `CELERY_*`."""

from __future__ import annotations

import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")

app = Celery("triage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["consumer"].add("triage.workers:HandBack")
app.autodiscover_tasks()
