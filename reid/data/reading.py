"""Layout of a data set's folder: find it, list its files, and report what is missing or malformed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reid.data.records import Benchmark, LabelledTracklet, Rule
from reid.errors import DatasetError

PICTURES = (".jpg", ".jpeg", ".png")
"""Suffixes of the images that are read."""


@dataclass(frozen=True)
class FolderLayout:
    """Folder names and files of one data set, and how to obtain it."""

    title: str
    folders: tuple[str, ...]
    """Usual names of the data set's folder; case, hyphens, underscores and dots do not matter."""
    sign: str
    """File or folder inside the data set's folder by which it is recognised."""
    source: str
    """How to obtain the data set, to complete the sentence "it is obtained …"."""
    tree: str
    """Expected folders and files, as a drawing for error messages."""

    def locate(self, root: Path) -> Path:
        """Return the data set's folder.

        The folder lies in `root` under a usual name, possibly nested in another folder of a usual name,
        or it is `root` itself.

        Raises:
            DatasetError: there is no such folder.
        """
        if not root.is_dir():
            raise DatasetError(
                f"{root}: no such folder; --data-root is the folder that holds {self.title}, which is obtained "
                f"{self.source}, and is expected like this:\n{self.tree}"
            )
        outer = self._folders_in(root)
        inner = [folder for parent in outer for folder in self._folders_in(parent)]
        for folder in (*outer, *inner, root):
            if (folder / self.sign).exists():
                return folder
        if outer:
            raise self.missing(outer[0] / self.sign)
        if not self.folders or _plain(root.name) in map(_plain, self.folders):
            raise self.missing(root / self.sign)
        raise self.missing(root / self.folders[0])

    def _folders_in(self, parent: Path) -> list[Path]:
        """Return the folders in `parent` that have a usual name, sorted."""
        names = {_plain(name) for name in self.folders}
        return [path for path in sorted(parent.iterdir()) if _plain(path.name) in names and path.is_dir()]

    def missing(self, path: Path) -> DatasetError:
        """Return the error for a path that does not exist."""
        return DatasetError(
            f"{path}: not found; {self.title} is obtained {self.source}, and is expected like this:\n{self.tree}"
        )

    def malformed(self, path: Path, fault: str) -> DatasetError:
        """Return the error for a file whose content is not that of this data set."""
        return DatasetError(f"{path}: {fault}; correct it ({self.title} is obtained {self.source})")

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted, without those of `is_foreign`; no file's status is read, for speed."""
        try:
            return sorted(name for name in os.listdir(folder) if not is_foreign(name))  # noqa: PTH208
        except FileNotFoundError as error:
            raise self.missing(folder) from error
        except NotADirectoryError as error:
            raise self.malformed(folder, "is a file where a folder is expected") from error

    def pictures(self, folder: Path) -> list[str]:
        """Return the names of a folder's images, sorted; a folder without images is malformed."""
        images = [name for name in self.names(folder) if name.lower().endswith(PICTURES)]
        if not images:
            raise self.malformed(folder, f"holds no image ({', '.join(PICTURES)})")
        return images

    def parse(self, pattern: re.Pattern[str], folder: Path, name: str, example: str) -> tuple[str, ...]:
        """Return the groups of an image's name, matched by the data set's pattern; errors show an example."""
        match = pattern.match(name)
        if match is None:
            raise self.malformed(folder / name, f"the name is not like {example}")
        return match.groups()

    def lines(self, path: Path) -> list[str]:
        """Return the lines of a text file, stripped, without empty ones."""
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
        """Return the benchmark of these splits.

        Raises:
            DatasetError: an identity is in training and in test.
        """
        try:
            return Benchmark(name, tuple(train), tuple(query), tuple(gallery), rule)
        except ValueError as error:
            raise self.malformed(folder, f"{error}; training and test must not share any") from error


def is_foreign(name: str) -> bool:
    """Return whether a file or folder belongs to no data set: hidden, left by an operating system, or a readme.

    >>> [name for name in ("0001", "Thumbs.db", "__MACOSX", "README.txt", ".DS_Store") if not is_foreign(name)]
    ['0001']
    """
    plain = name.lower()
    return plain.startswith((".", "readme")) or plain in ("thumbs.db", "desktop.ini", "__macosx", "icon\r")


def _plain(name: str) -> str:
    return re.sub(r"[-_. ]", "", name).lower()
