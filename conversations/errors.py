"""ConversationError
└── MemoryUnavailable   Redis did not answer in time; the rows still know everything
"""

from __future__ import annotations


class ConversationError(Exception):
    """Base of what this package raises on purpose."""


class MemoryUnavailable(ConversationError):
    """Redis is down, paused or refuses. Callers rebuild from rows; they never pretend."""
