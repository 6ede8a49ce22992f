"""The option `--weights`: a network's file, or the folder in which a training left it."""

from __future__ import annotations

import os
from pathlib import Path

import click


class NetworkFile(click.Path):
    """Understands a file of weights; of a folder, the best that its training left there."""

    def __init__(self) -> None:
        super().__init__(exists=True, path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Find the file.

        Raises:
            click.BadParameter: there is none.
        """
        path = Path(str(super().convert(value, param, ctx)))
        if not path.is_dir():
            return path
        from reid.evaluation.pairing import BEST  # what it imports takes longer than --help may

        best = path / BEST
        if not best.is_file():
            self.fail(f"{path} is a folder without {BEST}; name the file to use", param, ctx)
        return best
