"""The server of a review: the page and its requests, for this computer only."""

from __future__ import annotations

import json
import secrets
import socket
from asyncio import Lock
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from detectors.errors import DetectorError
from pipeline.errors import PipelineError, RunError
from pipeline.matching.corrections import VERDICTS
from pipeline.review.guard import HOST, Guard, Guarded
from pipeline.review.review import Review
from reid.errors import ReidError

Parse = Callable[[dict[str, Any]], Callable[[], None]]
"""Returns the action that a request asks for; raises ValueError, KeyError or TypeError for an invalid one."""
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def serve_review(review: Review, port: int, on_start: Callable[[str], None]) -> None:
    """Serve a review until Ctrl-C.

    Args:
        review: the review.
        port: port to serve on; 0 for a free one.
        on_start: called with the page's address as soon as the server listens.

    Raises:
        RunError: the port is taken.
        KeyboardInterrupt: on Ctrl-C, after requests in progress are done.
    """
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise RunError(f"port {port} cannot be used ({error.strerror}); choose another --port") from error
    with listening:
        guard = Guard(secrets.token_urlsafe(32), listening.getsockname()[1])
        on_start(guard.address)
        config = uvicorn.Config(
            review_application(review, guard),
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=60,
        )
        uvicorn.Server(config).run(sockets=[listening])


def review_application(review: Review, guard: Guard) -> Starlette:
    """Return the ASGI application of a review."""
    lock = Lock()

    async def page(request: Request) -> Response:
        del request
        policy = f"{review.policy}; frame-ancestors 'none'"
        return HTMLResponse(
            review.page.encode("utf-8", "backslashreplace"),
            headers=HEADERS | {"content-security-policy": policy},
        )

    async def state(request: Request) -> Response:
        del request
        async with lock:
            return JSONResponse(review.state(), headers=HEADERS)

    def post(path: str, parse: Parse) -> Route:
        async def answer(request: Request) -> Response:
            async with lock:
                error = await run_in_threadpool(_act, parse, await request.body())
                message = error and error.removeprefix(f"{review.file}: ")
                content = review.state() | {"error": message}
                return JSONResponse(content, 409 if error else 200, headers=HEADERS)

        return Route(f"/{guard.token}/{path}", answer, methods=["POST"])

    def parse_decision(body: dict[str, Any]) -> Callable[[], None]:
        verdict = VERDICTS[VERDICTS.index(body["verdict"])]
        return partial(review.decide, verdict, _check_types(body["tracklets"], str))

    return Starlette(
        routes=[
            Route(f"/{guard.token}/", page),
            Route(f"/{guard.token}/state", state),
            post("decide", parse_decision),
            post("merge", lambda body: partial(review.merge, _check_types(body["identities"], int))),
            post("split", lambda body: partial(review.split, _check_types([body["tracklet"]], str)[0])),
            post("undo", lambda body: partial(review.undo, _check_types([body["step"]], int)[0])),
            post("apply", lambda _: review.apply),
        ],
        middleware=[Middleware(Guarded, guard=guard)],
    )


def _act(parse: Parse, body: bytes) -> str | None:
    """Do what a request asks for; return an error as a sentence, or None."""
    try:
        action = parse(json.loads(body))
    except (ValueError, KeyError, TypeError):
        return "the page sent an invalid request; load it again"
    try:
        action()
    except (PipelineError, DetectorError, ReidError) as error:
        return str(error)
    return None


def _check_types(values: list[Any], kind: type) -> list[Any]:
    """Return values that all have a type.

    Raises:
        TypeError: a value has another type.
    """
    if not all(type(value) is kind for value in values):
        raise TypeError(values)
    return values
