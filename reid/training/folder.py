"""The folder of a training: what lies where, and what it may not be continued with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reid.errors import RecipeError
from reid.files import PARTIAL, write_json

LOCK = ".reid-pipeline.lock"
EVENTS = "tensorboard"
WRITTEN = (
    *("train.json", "last.safetensors", "best.safetensors", "metrics.csv", "curves.png"),
    *("report.json", "ranked.png", "attention.png"),
)
"""What a training and the scoring after it write."""
PACKAGES = ("torch", "torchvision", "timm", "numpy", "opencv-python", "pillow")
"""Whose versions may decide what a training comes to."""


@dataclass(frozen=True)
class TrainingFolder:
    """Everything that one training writes."""

    path: Path

    @property
    def record(self) -> Path:
        """What was run on what."""
        return self.path / "train.json"

    @property
    def last(self) -> Path:
        """Checkpoint to go on from."""
        return self.path / "last.safetensors"

    @property
    def best(self) -> Path:
        """Checkpoint to use."""
        return self.path / "best.safetensors"

    @property
    def metrics(self) -> Path:
        """A row a step."""
        return self.path / "metrics.csv"

    @property
    def curves(self) -> Path:
        """What `metrics` looks like."""
        return self.path / "curves.png"

    def check(self, settings: Mapping[str, Any], *, overwrite: bool) -> bool:
        """Tell whether a training goes on here (or begins); nothing is changed.

        Args:
            settings: all that decides what is learnt; what was learnt goes on under its own settings only, but
                for its number of epochs.
            overwrite: an earlier training is to be deleted.

        Raises:
            RecipeError: the folder holds a training under other settings, one that cannot go on, or something else.
        """
        if overwrite or not self._content():
            return False
        if not self.record.is_file():
            raise RecipeError(f"{self.path} holds files that are no training's; give another --out")
        if self.best.is_file() and not self.last.is_file():
            raise RecipeError(
                f"{self.path} holds a network ({self.best.name}) but no longer the {self.last.name} to go on from; "
                "give another --out, or --overwrite to delete it and begin anew"
            )
        if not self.last.is_file():
            return False
        if changes := _changes(self._settings(), json.loads(json.dumps(settings))):
            raise RecipeError(
                f"{self.path} holds a training with other settings ({'; '.join(changes)}); give the same ones to go "
                "on, another --out, or --overwrite to delete it"
            )
        return True

    def begin(self, settings: Mapping[str, Any], *, command: str, overwrite: bool) -> None:
        """Record what is run; first delete what an earlier training and its scoring wrote, if asked to."""
        if overwrite:
            self.clear()
        for name in WRITTEN:
            (self.path / f"{name}{PARTIAL}").unlink(missing_ok=True)
        versions = {name: metadata.version(name) for name in PACKAGES}
        write_json(self.record, {"command": command, "settings": dict(settings), "versions": versions})

    def clear(self) -> None:
        """Delete what a training and its scoring wrote; nothing else is touched."""
        for name in WRITTEN:
            (self.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.path / EVENTS, ignore_errors=True)

    def _settings(self) -> dict[str, Any]:
        """Read the settings of the training that is there."""
        try:
            return dict(json.loads(self.record.read_text(encoding="utf-8"))["settings"])
        except (ValueError, LookupError, TypeError) as error:
            raise RecipeError(
                f"{self.record}: damaged, so that it is not known how this training went on; give another --out, or "
                "--overwrite to begin anew"
            ) from error

    @contextmanager
    def locked(self, leads: bool) -> Iterator[None]:
        """Keep other trainings out of the folder; only the leading process holds the lock.

        A folder in which nothing was written is not left behind where there was none before.

        Raises:
            RecipeError: another training is at work in it.
        """
        if not leads:
            yield
            return
        made = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path / LOCK, timeout=0):
                try:
                    yield
                finally:
                    if not self._content():
                        _remove(self.path / LOCK, made)
        except Timeout as error:
            raise RecipeError(
                f"{self.path}: another training is at work in it; wait, or give another --out"
            ) from error

    def _content(self) -> list[Path]:
        return [entry for entry in self.path.iterdir() if entry.name != LOCK] if self.path.is_dir() else []


def _remove(lock: Path, folders: Sequence[Path]) -> None:
    """Remove a lock and then folders, innermost first, but for those in which somebody else has put something."""
    lock.unlink(missing_ok=True)
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Name the settings that differ; more epochs are no other training."""
    found = []
    for name in sorted({*before, *now} - {"epochs"}):
        old, new = before.get(name), now.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            found += _changes(old, new, f"{prefix}{name}.")
        elif old != new:
            found.append(f"{prefix}{name} was {old}, now {new}")
    return found
