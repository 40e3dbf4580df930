"""The web part: `python -m triage_project.serve --host 0.0.0.0 --port 8000`.

uvicorn with one set of options, the same for `up`, the image and the tests, so that what stops gracefully on a laptop
does so in production.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.utils.log import configure_logging
from uvicorn.supervisors import Multiprocess

PORT = 8000
APPLICATION = "triage_project.web:application"
FINISH_SECONDS = 6  # for turns in flight, after the streams were sent away (see draining.py)
IDLE_SECONDS = 75  # longer than nginx keeps an idle connection: who closes first must not be the one who is written to
HUNG_SECONDS = 30  # until one of several silent processes is replaced; uvicorn's five are few on a busy machine
FRAME_BYTES = 64 * 1024
CANNOT_START = 3  # exit status, as uvicorn's own


def options() -> dict[str, Any]:
    """What `uvicorn.run` takes beside the application and its address."""
    return {
        "loop": "uvloop" if sys.platform != "win32" else "asyncio",
        "http": "httptools",
        "ws": "websockets-sansio",
        "ws_max_size": FRAME_BYTES,
        # A WebSocket that answers no ping is gone: 33 seconds after its last word it is let go.
        "ws_ping_interval": 25.0,
        "ws_ping_timeout": 8.0,
        "ws_per_message_deflate": False,  # small frames: it would keep windows for each connection and save little
        "lifespan": "off",  # Django has none
        "timeout_graceful_shutdown": FINISH_SECONDS,
        "timeout_keep_alive": IDLE_SECONDS,
        "timeout_worker_healthcheck": HUNG_SECONDS,
        "server_header": False,
        "proxy_headers": settings.BEHIND_PROXY,
        "forwarded_allow_ips": settings.FORWARDED_ALLOW_IPS,
        "access_log": False,  # structlog logs requests
        "log_config": None,  # Django's handlers: one format for all lines
        "log_level": logging.getLevelNamesMapping()[settings.LOGGING["root"]["level"]],
    }


def main() -> None:
    parser = ArgumentParser(prog="python -m triage_project.serve", description="Serve HTTP, streams and WebSockets.")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="its port (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes on this address (default: %(default)s)")
    parser.add_argument("--app", default=APPLICATION, help="the ASGI application (default: %(default)s)")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triage_project.settings")
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)  # the parent of several workers sets up no Django
    config = uvicorn.Config(given.app, host=given.host, port=given.port, workers=given.workers, **options())
    listening = listen(config)
    if config.workers > 1:
        Multiprocess(config, sockets=[listening]).run()
        return
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        sys.exit(CANNOT_START)


def listen(config: uvicorn.Config) -> socket.socket:
    """The listening socket. Its connections inherit what it is told here.

    To close a connection a server first waits for the client to read what is buffered, and a client that never
    reads would keep socket and buffer for ever.
    """
    listening = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, settings.UNREAD_SECONDS * 1000)
    return listening


if __name__ == "__main__":
    main()
