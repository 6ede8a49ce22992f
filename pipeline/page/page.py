"""The page itself: a template, a style sheet and scripts become one file under a strict security policy.

The policy allows the one style sheet and the one script of the page by their hashes, pictures from inside
the page, and nothing else: no request ever leaves it, whatever names the cameras have.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.page.sections import CameraLine
from pipeline.results.pictures import Blur

HERE = Path(__file__).parent / "assets"
SCRIPTS = ("elements.js", "timeline.js", "links.js", "people.js", "page.js")
"""In the order in which they use each other."""
REVIEW = ("review.js", "queue.js")
"""Those that only a page has which is served; they come before the last of the others."""
ATTENTION = ("attention.js",)
"""Those that only a page has which shows where the network looked; at the same place."""


@dataclass(frozen=True)
class Page:
    """What a page shows."""

    title: str
    document: dict[str, object]
    """What its script reads; see `Findings.document`."""
    pictures: Sequence[Sequence[bytes]]
    """WebP files of each tracklet."""
    warnings: Sequence[str]
    cameras: Sequence[CameraLine]
    flow: Sequence[Sequence[int]]
    """(cameras, cameras) identities that both saw."""
    plots: Sequence[tuple[str, str]]
    """Captions and data addresses."""
    settings: dict[str, list[tuple[str, str]]]
    blur: Blur
    overlays: Sequence[Sequence[bytes]] | None = None
    """WebP files of the same pictures with the network's attention laid over them; None: it was not asked for."""
    generation: int | None = None
    """How often the run was matched again while the page was served for review; None for a file."""

    @property
    def style(self) -> str:
        """Its one style sheet."""
        return "\n".join(map(_read, ("page.css", *(() if self.generation is None else ("review.css",)))))

    @property
    def script(self) -> str:
        """Its one script."""
        own = (() if self.generation is None else REVIEW) + (() if self.overlays is None else ATTENTION)
        return "\n".join(map(_read, (*SCRIPTS[:-1], *own, SCRIPTS[-1])))

    @property
    def policy(self) -> str:
        """What it may do: nothing but show itself, and, where it is served, talk to where it came from."""
        return policy(self.style, self.script) + ("" if self.generation is None else "; connect-src 'self'")


def render(page: Page) -> Iterator[str]:
    """Give the page's text, piece by piece."""
    pictures = (
        (place, Markup(" ".join(base64.b64encode(one).decode() for one in (*own, *over))))
        for place, (own, over) in enumerate(zip_longest(page.pictures, page.overlays or (), fillvalue=()))
        if own
    )
    return (
        _environment()
        .get_template("page.html")
        .generate(
            page=page,
            style=Markup(page.style),
            script=Markup(page.script),
            policy=page.policy,
            pictures=pictures,
        )
    )


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def policy(style: str, script: str) -> str:
    """Spell the security policy of a page with one style sheet and one script."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
