"""The WebSocket's address."""

from __future__ import annotations

from django.urls import path

from triage.consumers import CaseConsumer

websocket_urlpatterns = [path("ws/triage/<slug:case_id>/", CaseConsumer.as_asgi())]
