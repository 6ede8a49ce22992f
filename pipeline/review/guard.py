"""Access control of the review's server: only the page that the user opened is answered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
TOKEN = "x-review-token"


@dataclass(frozen=True)
class Guard:
    """The secret and the port that a request must name."""

    token: str
    port: int

    @property
    def address(self) -> str:
        """Address of the page."""
        return f"http://{HOST}:{self.port}/{self.token}/"

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> str | None:
        """Return why a request is refused; None if it is allowed.

        Every request must name this very host, so that a foreign name that resolves to 127.0.0.1 is refused, and hold
        the token in its path. A request that changes anything must come from the page itself. Another page cannot
        pretend that: the browser sets the origin, and the token's header needs this server's permission.
        """
        host = f"{HOST}:{self.port}"
        if headers.get("host") != host:
            return "this server does not answer to this address"
        if not _equal(path.split("/")[1], self.token):
            return "open the address that was printed in the terminal"
        if method in ("GET", "HEAD"):
            return None
        if headers.get("origin") != f"http://{host}" or not _equal(headers.get(TOKEN, ""), self.token):
            return "only the page of this review may change anything"
        return None


class Guarded:
    """ASGI middleware that answers the requests that the guard refuses."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self.app = app
        self.guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with status 403."""
        refusal = self.guard.refusal(scope.get("method", ""), scope["path"], Headers(scope=scope))
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await PlainTextResponse(refusal, 403)(scope, receive, send)


def _equal(text: str, token: str) -> bool:
    """Compare in constant time."""
    return secrets.compare_digest(text.encode(), token.encode())
