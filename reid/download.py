"""Download of public weights into torch's cache folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from http.client import HTTPResponse
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

TIMEOUT = 5.0
"""Seconds without a byte after which a download fails."""
CHUNK = 1 << 16
"""Bytes read at a time."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes downloaded so far and, if known, the bytes in all."""


def hub_folder() -> Path:
    """Return the folder in which torch keeps downloaded weights, without importing torch."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("TORCH_HOME") or f"{cache}/torch").expanduser() / "hub" / "checkpoints"


def download_file(url: str, target: Path, sha256: str, progress: Progress | None = None) -> None:
    """Download `url` to `target`, unless `target` already has the expected SHA-256.

    Args:
        url: address of the file.
        target: where the file is kept; a file with another SHA-256 never gets this name.
        sha256: expected SHA-256, 64 hexadecimal digits.
        progress: called during the download; None: silent.

    Raises:
        OSError: the file cannot be downloaded or written.
        HTTPException: the server's answer is malformed.
        ValueError: the downloaded file has another SHA-256.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")  # by default it prints every download
    save = partial(_save, progress=progress)
    try:
        pooch.retrieve(url, f"sha256:{sha256}", fname=target.name, path=target.parent, downloader=save)
    except ValueError as error:
        raise ValueError("its SHA-256 is wrong: the file is cut off or was changed") from error


def _save(url: str, path: str, _: object, *, progress: Progress | None) -> None:
    """Write the content of `url` to `path`; pooch calls this with a temporary path.

    A thread opens the connection, because looking up a host name has no time-out and can take minutes.
    """
    opened: Future[HTTPResponse] = Future()

    def connect() -> None:
        try:
            opened.set_result(urlopen(url, timeout=TIMEOUT))
        except Exception as error:
            opened.set_exception(error)

    Thread(target=connect, daemon=True).start()
    try:
        response = opened.result(2 * TIMEOUT)  # the address of a release redirects to a second host
    except FutureTimeoutError:
        raise TimeoutError(f"no answer within {2 * TIMEOUT:g} s") from None
    with response, Path(path).open("wb") as file:
        size = response.headers.get("Content-Length")
        while chunk := response.read(CHUNK):
            file.write(chunk)
            if progress is not None:
                progress(file.tell(), int(size) if size else None)
