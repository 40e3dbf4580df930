"""HTTP addresses of the installation."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from triage import health
from triage.api import api
from triage.stream_view import board_stream, stream

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/health/redis", health.redis, name="redis_health"),
    path("api/health/streams", health.streams, name="streams_health"),
    path("api/docs", RedirectView.as_view(pattern_name="api:openapi-view"), name="api_docs"),
    path("api/v2/triage/stream/<slug:case_id>", stream, name="stream"),
    path("board/stream", board_stream, name="board_stream"),
    path("api/api/v2/triage/stream/<slug:case_id>", stream, {"with_snapshot": True}),
    # The predecessor's published client asks under a doubled prefix.
    re_path(r"^api/(?:api/)?v2/", api.urls),
    path("admin/", admin.site.urls),
    path("", include("triage.urls")),
]
