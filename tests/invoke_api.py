"""Serve Lambda's Invoke API over a real socket, with a handler of ours behind it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def invoke_api(
    handler: Callable[[object], object], answers: list[Answer] | None = None, tenants: list[str | None] | None = None
) -> Iterator[str]:
    """Serve a handler as every function; gives the endpoint's URL.

    Args:
        handler: Called with the event of each invocation.
        answers: Sent first, one an invocation: status, headers, body.
        tenants: Filled with the tenant that each invocation names, None where it names none.
    """
    queued = answers if answers is not None else []

    class Invoke(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if tenants is not None:
                tenants.append(self.headers["X-Amz-Tenant-Id"])
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, payload = queued.pop(0) if queued else _handled(handler, body)
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Invoke)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handled(handler: Callable[[object], object], body: bytes) -> Answer:
    try:
        return 200, {}, json.dumps(handler(json.loads(body))).encode()
    except Exception as error:  # noqa: BLE001 - as Lambda reports it
        failure = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return 200, {"X-Amz-Function-Error": "Unhandled"}, json.dumps(failure).encode()
