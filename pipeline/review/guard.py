"""Whom does the review's server answer? Only the page that it gave to the person who started it."""

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
    """Knows what a request must bring along."""

    token: str
    port: int

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.port}/{self.token}/"

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> str | None:
        """Say why a request is refused; None if it is not.

        Every request must name this very host, so that no name that was bent to 127.0.0.1 gets in, and hold the
        token in its path. What changes anything must come from the page itself, which another page cannot
        pretend: its origin is set by the browser, and the token's header needs this server's permission.
        """
        own = f"{HOST}:{self.port}"
        if headers.get("host") != own:
            return "this is not the address that this server answers to"
        if not _equal(path.split("/")[1], self.token):
            return "open the address that was printed in the terminal"
        if method in ("GET", "HEAD"):
            return None
        if headers.get("origin") != f"http://{own}" or not _equal(headers.get(TOKEN, ""), self.token):
            return "only the page of this review may change anything"
        return None


class Guarded:
    """Answers for an application whatever the guard refuses."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self.app = app
        self.guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or refuse it."""
        headers = Headers(scope=scope)
        why = self.guard.refusal(scope.get("method", ""), scope["path"], headers)
        answer = self.app if why is None else PlainTextResponse(why, 403)
        await answer(scope, receive, send)


def _equal(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode(), token.encode())
