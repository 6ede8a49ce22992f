"""The review's server: the report's page, and what is said on it; for this computer only."""

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

Understand = Callable[[dict[str, Any]], Callable[[], None]]
NOT_KEPT = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def serve(review: Review, port: int, opened: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Args:
        review: of a run.
        port: 0 for a free one.
        opened: called with the page's address as soon as it can be asked for.

    Raises:
        RunError: the port is taken.
        KeyboardInterrupt: on Ctrl-C, after what was begun is done.
    """
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise RunError(f"port {port} cannot be used ({error.strerror}); give another with --port") from error
    with listening:
        guard = Guard(secrets.token_urlsafe(32), listening.getsockname()[1])
        opened(guard.address)
        config = uvicorn.Config(
            application(review, guard),
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=60,
        )
        uvicorn.Server(config).run(sockets=[listening])


def application(review: Review, guard: Guard) -> Starlette:
    """Put together what answers to which address."""
    one_at_a_time = Lock()

    async def page(request: Request) -> Response:
        del request
        policy = f"{review.policy}; frame-ancestors 'none'"
        return HTMLResponse(review.page, headers=NOT_KEPT | {"content-security-policy": policy})

    async def state(request: Request) -> Response:
        del request
        async with one_at_a_time:
            return JSONResponse(review.state(), headers=NOT_KEPT)

    def post(path: str, understand: Understand) -> Route:
        async def answer(request: Request) -> Response:
            async with one_at_a_time:
                wrong = await run_in_threadpool(_do, understand, await request.body())
                told = review.state() | {"wrong": wrong and wrong.removeprefix(f"{review.file}: ")}
                return JSONResponse(told, 409 if wrong else 200, headers=NOT_KEPT)

        return Route(f"/{guard.token}/{path}", answer, methods=["POST"])

    return Starlette(
        routes=[
            Route(f"/{guard.token}/", page),
            Route(f"/{guard.token}/state", state),
            post(
                "say",
                lambda told: partial(
                    review.say, VERDICTS[VERDICTS.index(told["verdict"])], _all(told["tracklets"], str)
                ),
            ),
            post("merge", lambda told: partial(review.merge, _all(told["identities"], int))),
            post("split", lambda told: partial(review.split, *_all([told["tracklet"]], str))),
            post("take-back", lambda told: partial(review.take_back, *_all([told["step"]], int))),
            post("apply", lambda _: review.apply),
        ],
        middleware=[Middleware(Guarded, guard=guard)],
    )


def _do(understand: Understand, body: bytes) -> str | None:
    """Do what a page asked for; gives what was wrong, in a sentence, or None."""
    try:
        act = understand(json.loads(body))
    except (ValueError, KeyError, TypeError):
        return "the page asked for something that cannot be understood; load it again"
    try:
        act()
    except (PipelineError, DetectorError, ReidError) as error:
        return str(error)
    return None


def _all(values: list[Any], kind: type) -> list[Any]:
    """Give back values that are all of one kind.

    Raises:
        TypeError: one is not.
    """
    if not all(type(value) is kind for value in values):
        raise TypeError(values)
    return values
