"""Download of public weights into torch's cache folder."""

from __future__ import annotations

import logging
import os
import shutil
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO
from urllib.request import urlopen

import pooch

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
    pooch.get_logger().setLevel(logging.WARNING)  # pooch would print every download
    pooch.retrieve(url, f"sha256:{sha256}", fname=target.name, path=target.parent, downloader=_save)


def _save(url: str, path: str, _: object) -> None:
    """Write the content of `url` to `path`; pooch calls this with a temporary path.

    A thread opens the connection: looking up a host name ignores time-outs and can block for minutes.
    """
    answers: SimpleQueue[BinaryIO | OSError | HTTPException] = SimpleQueue()

    def connect() -> None:
        try:
            answers.put(urlopen(url, timeout=PATIENCE))
        except (OSError, HTTPException) as error:
            answers.put(error)

    Thread(target=connect, daemon=True).start()
    try:
        answer = answers.get(timeout=PATIENCE)
    except Empty:
        raise TimeoutError(f"no answer from {url} within {PATIENCE:g} s") from None
    if isinstance(answer, Exception):
        raise answer
    with answer, Path(path).open("wb") as file:
        shutil.copyfileobj(answer, file)
