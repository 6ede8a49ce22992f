"""Download of public weights into torch's cache folder."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from http.client import HTTPResponse
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

PATIENCE = 4.0
"""Seconds without a byte after which a download is given up."""


def hub_folder() -> Path:
    """Return the folder in which torch keeps downloaded weights, without importing torch."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("TORCH_HOME") or f"{cache}/torch").expanduser() / "hub" / "checkpoints"


def download_file(url: str, target: Path, sha256: str) -> None:
    """Download `url` to `target`, unless `target` already has the expected SHA-256.

    Raises:
        OSError: the file cannot be downloaded or written.
        HTTPException: the server's answer is malformed.
        ValueError: the downloaded file has another SHA-256; it is deleted.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")  # by default it prints every download
    try:
        pooch.retrieve(url, f"sha256:{sha256}", fname=target.name, path=target.parent, downloader=_save)
    except ValueError as error:
        raise ValueError(f"{url} is not the expected file: its SHA-256 differs") from error


def _save(url: str, path: str, _: object) -> None:
    """Write the content of `url` to `path`; pooch calls this with a temporary path.

    A thread opens the connection: looking up a host name ignores time-outs and can block for minutes.
    """
    opened: Future[HTTPResponse] = Future()

    def connect() -> None:
        try:
            opened.set_result(urlopen(url, timeout=PATIENCE))
        except Exception as error:
            opened.set_exception(error)

    Thread(target=connect, daemon=True).start()
    try:
        response = opened.result(PATIENCE)
    except FutureTimeoutError:
        raise TimeoutError(f"no answer from {url} within {PATIENCE:g} s") from None
    with response, Path(path).open("wb") as file:
        shutil.copyfileobj(response, file)
