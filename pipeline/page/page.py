"""The page: a template, a style sheet and scripts, joined into one HTML file with a strict security policy.

The policy allows the page's one style sheet and one script, by their hashes, and pictures inside the page. Everything else
is forbidden: the page never sends a request, whatever the cameras are called.
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

from pipeline.page.document import page_document
from pipeline.page.sections import (
    CameraLine,
    camera_lines,
    list_warnings,
    plots,
    settings_groups,
    shared_identities,
)
from pipeline.results.pictures import SIZE, Blur, tracklet_pictures
from pipeline.results.records import FinishedRun

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("elements.js", "timeline.js", "links.js", "identities.js")
"""Scripts of every page, in the order in which they use each other."""
REVIEW_SCRIPTS = ("review.js", "queue.js")
"""Scripts of a page that is served for review."""
ATTENTION_SCRIPTS = ("attention.js",)
"""Scripts of a page that shows the network's attention."""
LAST_SCRIPT = "page.js"


@dataclass(frozen=True)
class Page:
    """The content of a page."""

    title: str
    document: dict[str, object]
    """What the script reads; see `PageDocument.to_json`."""
    pictures: Sequence[Sequence[bytes]]
    """WebP files of each tracklet."""
    warnings: Sequence[str]
    cameras: Sequence[CameraLine]
    flow: Sequence[Sequence[int]]
    """(cameras, cameras) number of identities seen by both cameras."""
    plots: Sequence[tuple[str, str]]
    """Captions and data URLs."""
    settings: dict[str, list[tuple[str, str]]]
    blur: Blur
    overlays: Sequence[Sequence[bytes]] | None = None
    """WebP files of the same pictures with the network's attention; None: without attention."""
    generation: int | None = None
    """How often the run was matched again during the review that serves the page; None for a file."""

    @property
    def style(self) -> str:
        """The style sheet."""
        names = ("page.css",) if self.generation is None else ("page.css", "review.css")
        return "\n".join(_read_asset(name) for name in names)

    @property
    def script(self) -> str:
        """The script."""
        names = [*SCRIPTS]
        if self.generation is not None:
            names += REVIEW_SCRIPTS
        if self.overlays is not None:
            names += ATTENTION_SCRIPTS
        return "\n".join(_read_asset(name) for name in (*names, LAST_SCRIPT))

    @property
    def policy(self) -> str:
        """The security policy; a served page may also send requests to its own server."""
        return security_policy(self.style, self.script) + (
            "" if self.generation is None else "; connect-src 'self'"
        )


def make_page(run: FinishedRun, *, blur: Blur, size: int = SIZE) -> Page:
    """Collect the content of the page of a finished run.

    Args:
        run: the run.
        blur: which parts of people are blurred in the pictures.
        size: longer side of the pictures, in pixels.

    Raises:
        RunError: files of the run are missing or damaged.
    """
    pictures = tracklet_pictures(run, run.tracklets, blur=blur, size=size)
    return Page(
        title=run.folder.resolve().name,
        document=page_document(run).to_json([len(files) for files in pictures]),
        pictures=pictures,
        warnings=list_warnings(run.record),
        cameras=camera_lines(run),
        flow=shared_identities(run),
        plots=plots(run.folder),
        settings=settings_groups(run.record),
        blur=blur,
    )


def render_page(page: Page) -> Iterator[str]:
    """Yield the text of the page, piece by piece."""
    pictures = []
    for place, (plain, overlaid) in enumerate(zip_longest(page.pictures, page.overlays or (), fillvalue=())):
        if plain:
            files = (base64.b64encode(file).decode() for file in (*plain, *overlaid))
            pictures.append((place, Markup(" ".join(files))))
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


def _read_asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def security_policy(style: str, script: str) -> str:
    """Return the content security policy of a page with one style sheet and one script."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
