"""Reading: where a data set lies, what its folders and lists hold, and how to say what is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reid.data.records import Benchmark, LabelledTracklet, Rule
from reid.errors import DatasetError

PICTURES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Layout:
    """How one data set lies on disk, and where people get it."""

    title: str
    folders: tuple[str, ...]
    """Usual names of its folder; case, hyphens, underscores and dots do not matter."""
    sign: str
    """What lies in its folder and shows that it is the one."""
    source: str
    tree: str

    def locate(self, root: Path) -> Path:
        """Find the data set's folder: below `root` by a usual name, once or twice nested, or `root` itself."""
        if not root.is_dir():
            raise DatasetError(
                f"{root}: no such folder; --data-root is the folder that holds {self.title}, which is obtained "
                f"{self.source}, and is expected like this:\n{self.tree}"
            )
        named = self._named(root)
        for folder in (*named, *(inner for outer in named for inner in self._named(outer)), root):
            if (folder / self.sign).exists():
                return folder
        if named or _plain(root.name) in map(_plain, self.folders) or not self.folders:
            raise self.missing((*named, root)[0] / self.sign)
        raise self.missing(root / self.folders[0])

    def _named(self, root: Path) -> list[Path]:
        spellings = {_plain(name) for name in self.folders}
        return [path for path in sorted(root.iterdir()) if _plain(path.name) in spellings and path.is_dir()]

    def missing(self, path: Path) -> DatasetError:
        """Say that something is not there, where it is obtained, and what is expected."""
        return DatasetError(
            f"{path}: is not there; {self.title} is obtained {self.source}, and is expected like this:\n{self.tree}"
        )

    def malformed(self, path: Path, what: str) -> DatasetError:
        """Say that a file is not what this data set has there."""
        return DatasetError(f"{path}: {what}; mend it ({self.title} is obtained {self.source})")

    def names(self, folder: Path) -> list[str]:
        """List a folder, sorted, without hidden files; one listing, and nothing is asked of each file."""
        try:
            return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208
        except FileNotFoundError as error:
            raise self.missing(folder) from error
        except NotADirectoryError as error:
            raise self.malformed(folder, "is a file where a folder is expected") from error

    def pictures(self, folder: Path) -> list[str]:
        """List a folder's pictures, sorted by name; at least one."""
        found = [name for name in self.names(folder) if name.lower().endswith(PICTURES)]
        if not found:
            raise self.malformed(folder, f"holds no picture ({', '.join(PICTURES)})")
        return found

    def parse(self, pattern: re.Pattern[str], folder: Path, name: str) -> tuple[str, ...]:
        """Read a picture's name by the data set's pattern; its groups."""
        match = pattern.match(name)
        if match is None:
            raise self.malformed(folder / name, f"the name is not of the form {pattern.pattern}")
        return match.groups()

    def lines(self, path: Path) -> list[str]:
        """Read a list, a line each; empty lines do not count."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise self.missing(path) from error
        except UnicodeDecodeError as error:
            raise self.malformed(path, "is not a text file") from error
        return [line.strip() for line in text.splitlines() if line.strip()]

    def benchmark(
        self,
        name: str,
        folder: Path,
        *,
        train: Iterable[LabelledTracklet] = (),
        query: Iterable[LabelledTracklet] = (),
        gallery: Iterable[LabelledTracklet] = (),
        rule: Rule = "cross-camera",
    ) -> Benchmark:
        """Put the splits together; an identity in training and in test is the data's mistake."""
        try:
            return Benchmark(name, tuple(train), tuple(query), tuple(gallery), rule)
        except ValueError as error:
            raise self.malformed(folder, f"{error}; training and test must not share any") from error


def _plain(name: str) -> str:
    return re.sub(r"[-_. ]", "", name).lower()
