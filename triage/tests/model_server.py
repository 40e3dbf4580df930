"""A server on this machine that speaks OpenAI's older protocol, and says and does what a test told it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}  # of every answer that ends


@dataclass
class ModelServer:
    """`replies` are used up one by one, the last one again and again; `asked` are the bodies that came."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    was_asked: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def sent(self, place: int = -1) -> str:
        """All that the model was told in a request."""
        return json.dumps(self.asked[place]["messages"], ensure_ascii=False)


Reply = Callable[[BaseHTTPRequestHandler, ModelServer, dict[str, Any]], None]


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append(body)
            server.was_asked.set()
            server.next()(self, server, body)

        def log_message(self, *_args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        http.server_close()


def answers(output: Any) -> Reply:
    """Structured output: a call of the tool that was offered."""

    def reply(handler: BaseHTTPRequestHandler, _server: ModelServer, body: dict[str, Any]) -> None:
        arguments = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
        function = {"name": body["tools"][0]["function"]["name"], "arguments": arguments}
        call = {"id": "call-1", "type": "function", "function": function}
        _send(handler, 200, _completion({"role": "assistant", "content": None, "tool_calls": [call]}))

    return reply


def fails(status: int, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler, _server: ModelServer, _body: dict[str, Any]) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        _send(handler, status, {"error": {"message": "no", "type": "test", "code": None}}, named)

    return reply


def sends(content: bytes, content_type: str = "application/json") -> Reply:
    def reply(handler: BaseHTTPRequestHandler, _server: ModelServer, _body: dict[str, Any]) -> None:
        _raw(handler, 200, content, {"Content-Type": content_type})

    return reply


def floods(handler: BaseHTTPRequestHandler, server: ModelServer, _body: dict[str, Any]) -> None:
    """An answer without end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    try:
        while not server.released.is_set():
            handler.wfile.write(b" " * 65536)
    except OSError:
        server.released.set()


def stalls(handler: BaseHTTPRequestHandler, server: ModelServer, _body: dict[str, Any]) -> None:
    server.released.wait(30)


def hangs_up(handler: BaseHTTPRequestHandler, _server: ModelServer, _body: dict[str, Any]) -> None:
    handler.close_connection = True


def streams(*pieces: str, then: Reply | None = None) -> Reply:
    """Words one after the other, as server-sent events; `then` may keep the end waiting."""

    def reply(handler: BaseHTTPRequestHandler, server: ModelServer, body: dict[str, Any]) -> None:
        assert body["stream"]
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        try:
            for piece in pieces:
                _event(handler, {"role": "assistant", "content": piece}, None)
            if then is not None:
                then(handler, server, body)
            _event(handler, {}, "stop")
            _chunk(handler, {"choices": [], "usage": USAGE})
            handler.wfile.write(b"data: [DONE]\n\n")
        except OSError:  # nobody listens any more
            server.released.set()

    return reply


def _event(handler: BaseHTTPRequestHandler, delta: dict[str, Any], finish: str | None) -> None:
    _chunk(handler, {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _chunk(handler: BaseHTTPRequestHandler, more: dict[str, Any]) -> None:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", **more}
    handler.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
    handler.wfile.flush()


def _completion(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": USAGE,
    }


def _send(handler: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    _raw(handler, status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})


def _raw(handler: BaseHTTPRequestHandler, status: int, content: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(content))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)
