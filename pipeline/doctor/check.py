"""Result of a check, and the verdict over all checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import shorten
from typing import Literal

State = Literal["ok", "note", "missing", "wrong"]
BLOCKING = ("missing", "wrong")
"""States that keep `match` from running."""


@dataclass(frozen=True)
class Check:
    """Result of one check."""

    what: str
    """Name of the part that was checked."""
    state: State
    """`note`: a remark; `match` runs nevertheless."""
    said: str
    """The result in words."""
    cure: str = ""
    """Command that repairs the part."""


def can_match(checks: Iterable[Check]) -> bool:
    """Return whether `match` runs."""
    return not any(check.state in BLOCKING for check in checks)


def repair_command(checks: Iterable[Check]) -> str:
    """Return one command that makes `match` run; empty if it already runs or no command helps.

    >>> numpy = Check("numpy", "missing", "not installed", "pip install numpy")
    >>> disk = Check("disk", "note", "1 GB free", "rm -r runs")
    >>> repair_command([numpy, disk])
    'pip install numpy'
    """
    commands = (check.cure for check in checks if check.state in BLOCKING and check.cure)
    return " && ".join(dict.fromkeys(commands))


def shorten_error(error: BaseException) -> str:
    """Return an error's message on one line of at most 200 characters."""
    return shorten(str(error), 200, placeholder=" …") or type(error).__name__
