"""The application with other times than its own: `IMPATIENCE` is JSON, `{"hub.POLL": [0.2, 0.4], …}`.

A test of faults waits for polls, heartbeats and patience; set before the rest is imported, they are short.
"""

from __future__ import annotations

import importlib
import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")
django.setup(set_prefix=False)

for name, value in json.loads(os.environ.get("IMPATIENCE", "{}")).items():
    module, _, constant = name.partition(".")
    setattr(importlib.import_module(f"triage.{module}"), constant, value)

from triage_project.asgi import application  # noqa: E402

__all__ = ["application"]
