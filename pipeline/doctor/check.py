"""What does one look at this machine tell, and what do all of them together?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import shorten
from typing import Literal

State = Literal["ok", "note", "missing", "wrong"]
STOPS = ("missing", "wrong")
"""What keeps `match` from running."""
BROKEN = (
    *(ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, OSError),
    *(RuntimeError, SyntaxError, SystemError, TypeError, ValueError),
)
"""What importing and using a damaged package raises."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    what: str
    state: State
    """`note`: worth knowing, `match` runs without it."""
    said: str
    cure: str = ""
    """What to type."""


def runs(checks: Iterable[Check]) -> bool:
    """Tell whether `match` would run."""
    return not any(check.state in STOPS for check in checks)


def cure(checks: Iterable[Check]) -> str:
    """Give the one command after which `match` runs; empty if it does already, or if none helps.

    >>> cure([Check("av", "missing", "not installed", "pip install av"), Check("disk", "note", "1 GB", "rm -r runs")])
    'pip install av'
    """
    cures = (check.cure for check in checks if check.state in STOPS and check.cure)
    return " && ".join(dict.fromkeys(cures))


def in_one_line(error: BaseException) -> str:
    """Cut what an error says, often with advice over many lines, to what fits a line."""
    return shorten(str(error), 200, placeholder=" …") or type(error).__name__
