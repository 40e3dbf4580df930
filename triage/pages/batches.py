"""For staff: many cases from one file, from the upload to the download. Complete without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files import File
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triage import orchestrator
from triage.access import Actor
from triage.batches.access import access_batch
from triage.batches.checking import columns_of
from triage.batches.models import Batch
from triage.batches.results import CONTENT_TYPES, Counts, Format, counts_of, download, problem_rows, sentences
from triage.errors import TriageError
from triage.flows.loader import current_versions, flow_of
from triage.forms import BatchForm
from triage.pages.page import explain, show, staff_page

ON_A_PAGE = 20
MOST_MISTAKES = 200
REFRESH_SECONDS = 4
UNFINISHED = (Batch.State.VALIDATING, Batch.State.RUNNING)
"""States in which the page changes by itself."""


@dataclass(frozen=True, slots=True)
class Listed:
    batch: Batch
    counts: Counts


@dataclass(frozen=True, slots=True)
class Offered:
    """A flow that a file may be for, and the columns that such a file may have."""

    id: str
    title: str
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Mistake:
    line: int
    external_id: str
    sentences: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def batches(request: HttpRequest, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        return _list(request, actor, BatchForm())
    form = BatchForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, actor, form, 422)
    file: File[bytes] = form.cleaned_data["file"]
    try:
        made = orchestrator.create_batch(
            actor=actor,
            flow_id=form.cleaned_data["flow"],
            language=form.cleaned_data["language"],
            file=file,
            name=file.name or "",
        )
    except TriageError as error:
        form.add_error("file", error.detail if error.fields or error.status == 413 else explain(error))
        return _list(request, actor, form, error.status)
    return redirect("batch", made.pk)


@require_safe
@staff_page
def batch(request: HttpRequest, actor: Actor, batch_id: str) -> HttpResponse:
    found = access_batch(actor, batch_id)
    mistakes = [Mistake(row.line, row.external_id, sentences(row)) for row in problem_rows(found, limit=MOST_MISTAKES)]
    context: dict[str, object] = {
        "batch": found,
        "counts": counts_of([found.pk])[found.pk],
        "mistakes": mistakes,
        "most_mistakes": MOST_MISTAKES if len(mistakes) == MOST_MISTAKES else None,
        "may_change": actor.changes_all,
        "refresh_seconds": REFRESH_SECONDS if found.state in UNFINISHED else None,
    }
    return show(request, "batch.html", context)


@require_POST
@staff_page
def act(request: HttpRequest, actor: Actor, batch_id: str, deed: str) -> HttpResponse:
    """`deed`: start, pause, resume or cancel."""
    if deed == "start":
        orchestrator.start_batch(actor=actor, batch_id=batch_id, skip_bad="skip_bad" in request.POST)
    else:
        verbs = {
            "pause": orchestrator.pause_batch,
            "resume": orchestrator.resume_batch,
            "cancel": orchestrator.cancel_batch,
        }
        verbs[deed](actor=actor, batch_id=batch_id)
    return redirect("batch", batch_id)


@require_safe
@staff_page
def results(request: HttpRequest, actor: Actor, batch_id: str, format_: Format) -> HttpResponse:
    found = access_batch(actor, batch_id)
    response = StreamingHttpResponse(download(found, format_), content_type=CONTENT_TYPES[format_])
    response["Content-Disposition"] = f'attachment; filename="{found.pk}.{format_}"'
    return response  # type: ignore[return-value]


def _list(request: HttpRequest, actor: Actor, form: BatchForm, status: int = 200) -> HttpResponse:
    rows = Batch.objects.select_related("flow", "owner").defer("flow__document").order_by("-created_at")
    listed = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    counts = counts_of(row.pk for row in listed)
    flows = [flow_of(version.pk) for version in current_versions()]
    context: dict[str, object] = {
        "form": form,
        "offers": [Offered(flow.id, flow.title[flow.languages[0]], columns_of(flow)) for flow in flows],
        "languages": dict.fromkeys(language for flow in flows for language in flow.languages),
        "page": listed,
        "batches": [Listed(row, counts[row.pk]) for row in listed],
        "may_change": actor.changes_all,
        "is_busy": any(row.state in UNFINISHED for row in listed),
        "refresh_seconds": REFRESH_SECONDS,
    }
    return show(request, "batches.html", context, status)
