"""Who may see and change labels: this machine alone, with the token of this run, from the page itself."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LARGEST = 2_000_000


def csrf(token: str) -> str:
    """Derive from the run's token what every form must carry."""
    return hmac.new(token.encode(), b"form", "sha256").hexdigest()


class Guard(BaseHTTPMiddleware):
    """Let in what names a loopback host and brings the token; the first visit trades it for a cookie.

    Args:
        app: What is guarded.
        token: This run's secret.
        port: Where it listens: other hosts' names that lead here (DNS rebinding) are refused.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        super().__init__(app)
        self._token = token
        self._cookie = f"touchstone-{port}"  # cookies know no port: another review's would take its place
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Refuse, or hand on."""
        response = await self._refusal(request) or await call_next(request)
        response.headers.update(_HEADERS)
        return response

    async def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("host", "") not in self._hosts:
            return PlainTextResponse("not served under this name", 421)
        given = request.query_params.get("token", "")
        if given and hmac.compare_digest(given.encode(), self._token.encode()):
            moved = RedirectResponse(request.url.path, 303)
            moved.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            return moved
        if not hmac.compare_digest(request.cookies.get(self._cookie, "").encode(), self._token.encode()):
            return PlainTextResponse("open the address that the command printed, with its token", 403)
        return await self._forged(request) if request.method == "POST" else None

    async def _forged(self, request: Request) -> Response | None:
        """Refuse a form that another site's page may have sent."""
        if int(request.headers.get("content-length") or _LARGEST + 1) > _LARGEST:
            return PlainTextResponse("too large", 413)
        await request.body()  # kept, so that the page can read the form again
        form = await request.form()
        if not hmac.compare_digest(str(form.get("csrf", "")).encode(), csrf(self._token).encode()):
            return PlainTextResponse("this form is of another run: load the page again", 403)
        return None
