"""A channel layer that keeps no promise: it drops, doubles, holds back and shuffles what is sent to groups."""

from __future__ import annotations

import random
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer


class DeafLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Everything sent to a group is lost."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        return


class UnreliableLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """A third is lost, a third comes twice, and all of it late and in any order."""

    def __init__(self, *args: Any, seed: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._random = random.Random(seed)
        self._held: list[dict[str, Any]] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._held += [message] * self._random.choice([0, 1, 2])
        self._random.shuffle(self._held)
        for _ in range(self._random.randint(0, len(self._held))):
            await self._get_layer().group_send(group, self._held.pop())
