"""What a command may write over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click


def spare(out: Path | None, sources: Iterable[str | Path]) -> None:
    """Refuse to write over what a command reads.

    Args:
        out: file to write; None: none.
        sources: files and folders that are read, or NAME=PATH.

    Raises:
        click.UsageError: `out` is there, and is one of them or in one.
    """
    if out is None or not out.exists():
        return
    for source in sources:
        path = Path(source) if Path(source).exists() else Path(str(source).partition("=")[2] or source)
        if path.resolve() in (out.resolve(), *out.resolve().parents):
            raise click.UsageError(
                f"{out}: is read by this command, or in a folder that is; choose another file to write"
            )
