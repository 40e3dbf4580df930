"""The WebSocket's address."""

from __future__ import annotations

from django.urls import path, re_path

from triage.consumers import CaseConsumer, NowhereConsumer

websocket_urlpatterns = [
    path("ws/triage/<slug:case_id>/", CaseConsumer.as_asgi()),
    re_path(r"", NowhereConsumer.as_asgi()),
]
