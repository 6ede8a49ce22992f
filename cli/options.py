"""Types and options that commands share."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click
from click.shell_completion import CompletionItem

from reid.files import real_path

Command = TypeVar("Command", bound=Callable[..., Any])

BLUR_RESULTS: dict[Literal["none", "faces", "people"], str] = {
    "none": "people can be recognised",
    "faces": "heads are blurred",
    "people": "people are blurred",
}
"""What can be seen in a file, by the value of --blur."""


class FiniteNumber(click.types.FloatParamType):
    """A number that is neither nan nor infinite."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert the text of an option."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{number} is not a finite number.", param, ctx)
        return number


class FiniteRange(click.FloatRange):
    """A finite number between bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert the text of an option; nan compares false with all bounds, so it is refused here."""
        return FiniteNumber().convert(super().convert(value, param, ctx), param, ctx)


class NetworkFile(click.Path):
    """A file of network weights, or the folder in which `train` left its best checkpoint."""

    def __init__(self) -> None:
        super().__init__(exists=True, path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path of the file; raise `click.BadParameter` if a folder holds no checkpoint."""
        path = Path(str(super().convert(value, param, ctx)))
        if not path.is_dir():
            return path
        from reid.evaluation.pairing import BEST  # slow to import; --help must be fast

        best = path / BEST
        if not best.is_file():
            self.fail(f"{path} is a folder without {BEST}; name the file to use", param, ctx)
        return best


class FrameSizeType(click.ParamType):  # type: ignore[type-arg]  # not generic in older releases
    """A width and a height in pixels, such as 1920x1080."""

    name = "size"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Convert the text of an option."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,5})\s*[x×]\s*(\d{1,5})", str(value).strip().lower())
        if not found or "0" in found.groups():
            self.fail(f"{value!r} is not a width and a height; write them as in 1920x1080.", param, ctx)
        return int(found[1]), int(found[2])


class InputFile(click.Path):
    """A regular file to read; a pipe, which can be read only once, is refused."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path; raise `click.BadParameter` if it is not a regular file."""
        path = Path(str(super().convert(value, param, ctx)))
        if not path.is_file():
            self.fail(f"{path} is not a regular file; write its content to a file first", param, ctx)
        return path


class NewPath(click.Path):
    """A file or folder to write that does not exist yet."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path; raise `click.BadParameter` if it exists."""
        path = Path(str(super().convert(value, param, ctx)))
        if path.exists():
            self.fail(f"{path} exists already; choose another", param, ctx)
        return path


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a file name if a parameter is text, such as NAME=FILE."""
    del ctx, param
    return [CompletionItem(incomplete, type="file")]


FILE = InputFile()
FRAME_SIZE = FrameSizeType()
SECONDS = FiniteNumber()
RUN = click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
DEVICE = click.option(
    "--device", metavar="DEVICE", help="cpu, 0, cuda:0 or mps.  [default: a GPU if there is one]"
)
BLUR = click.option(
    "--blur",
    type=click.Choice(list(BLUR_RESULTS)),
    help="Who to blur: nobody (none), the heads of all people (faces), or all of them (people).  "
    "[default: none inside RUN, faces elsewhere]",
)


def truth_option(*, required: bool, default: str = "") -> Callable[[Command], Command]:
    """Return the option --truth; `default` says what the command does without it."""
    return click.option(
        "--truth",
        "truths",
        multiple=True,
        required=required,
        metavar="[NAME=]PATH",
        help="Ground truth: our CSV, AI City or MOTChallenge; a folder with NAME.txt or NAME/gt/gt.txt for each camera, "
        f"or NAME=FILE for each.{f'  [default: {default}]' if default else ''}",
    )


def refuse_overwriting(out: Path | None, run: Path, truths: Iterable[str] = ()) -> None:
    """Raise `click.UsageError` if the path to write is, or lies in, what a command reads.

    That is the results and parts of a run, and ground truth as PATH or NAME=PATH.
    """
    if out is None:
        return
    from pipeline.folder.store import LOCK_FILE, RESULTS  # slow to import; --help must be fast

    target = real_path(out)
    sources = [
        run / name
        for name in (*RESULTS, "run.json", "corrections.csv", "parts", "embeddings", "footage", LOCK_FILE)
    ]
    sources += [Path(truth if Path(truth).exists() else truth.partition("=")[2] or truth) for truth in truths]
    for source in sources:
        if real_path(source) in (target, *target.parents):
            raise click.UsageError(f"{out}: is, or lies in, what this command reads; choose another path")
