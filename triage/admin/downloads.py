"""Cases as a file: one as JSON, several as JSON Lines."""

from __future__ import annotations

import json

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from triage.export import case_documents
from triage.models import Case

MOST = 500
"""The file is made in memory while staff wait; the `export_case` command has no limit."""


def download(request: HttpRequest, cases: QuerySet[Case]) -> HttpResponse | None:
    ids = list(cases.values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        text = gettext("At most %d cases go into one file; `manage.py export_case` takes more.")
        messages.error(request, text % MOST)
        return None
    documents = list(case_documents(ids))
    if len(documents) == 1:
        body, name = json.dumps(documents[0], ensure_ascii=False, indent=2), f"{documents[0]['id']}.json"
        response = HttpResponse(body, content_type="application/json")
    else:
        lines = (json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
        response = HttpResponse("".join(lines), content_type="application/jsonl")
        name = "cases.jsonl"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
