"""The folder of a training: its files, its lock, and the check whether a training may resume in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reid.errors import RecipeError
from reid.files import PARTIAL, write_json
from reid.versions import library_versions

LOCK = ".reid-pipeline.lock"
EVENTS = "tensorboard"
SCORED = ("report.json", "ranked.png", "attention.png")
WRITTEN = ("train.json", "last.safetensors", "best.safetensors", "metrics.csv", "curves.png", *SCORED)
"""Files written by a training and by the scoring after it."""


@dataclass(frozen=True)
class TrainingFolder:
    """The files of one training."""

    path: Path

    @property
    def record(self) -> Path:
        """Command, settings and package versions."""
        return self.path / "train.json"

    @property
    def last(self) -> Path:
        """Checkpoint to resume from."""
        return self.path / "last.safetensors"

    @property
    def best(self) -> Path:
        """Checkpoint to use."""
        return self.path / "best.safetensors"

    @property
    def metrics(self) -> Path:
        """Journal with one row per step."""
        return self.path / "metrics.csv"

    @property
    def curves(self) -> Path:
        """Plot of `metrics`."""
        return self.path / "curves.png"

    def check(self, settings: Mapping[str, Any], *, overwrite: bool) -> bool:
        """Return whether the training in the folder resumes; False if one starts anew. Nothing is changed.

        Args:
            settings: all settings that decide the outcome; a training resumes only under its own settings, except that
                the number of epochs may change.
            overwrite: whether an earlier training is to be deleted.

        Raises:
            RecipeError: the folder contains a training with other settings, one that cannot resume, or other files.
        """
        if overwrite or not self._has_results():
            return False
        if not self.record.is_file():
            raise RecipeError(
                f"{self.path} contains files that do not belong to a training; choose another --out"
            )
        if self.best.is_file() and not self.last.is_file():
            raise RecipeError(
                f"{self.path} contains a network ({self.best.name}) but not the checkpoint to resume from "
                f"({self.last.name}); choose another --out, or add --overwrite to delete it and start again"
            )
        if not self.last.is_file():
            return False
        if changes := _changes(self._settings(), json.loads(json.dumps(settings))):
            raise RecipeError(
                f"{self.path} contains a training with other settings ({'; '.join(changes)}); use the same settings "
                "to resume, choose another --out, or add --overwrite to delete it"
            )
        return True

    def begin(self, settings: Mapping[str, Any], *, command: str, overwrite: bool) -> None:
        """Write the record; with `overwrite`, first delete the files of an earlier training and its scoring."""
        if overwrite:
            self.clear()
        for name in WRITTEN:
            (self.path / f"{name}{PARTIAL}").unlink(missing_ok=True)
        versions = library_versions()
        write_json(self.record, {"command": command, "settings": dict(settings), "versions": versions})

    def clear(self) -> None:
        """Delete the files of a training and its scoring; other files are kept."""
        for name in WRITTEN:
            (self.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.path / EVENTS, ignore_errors=True)

    def _settings(self) -> dict[str, Any]:
        """Read the settings of the training in the folder."""
        try:
            return dict(json.loads(self.record.read_text(encoding="utf-8"))["settings"])
        except (ValueError, LookupError, TypeError) as error:
            raise RecipeError(
                f"{self.record}: damaged, so the settings of this training are unknown; choose another --out, or add "
                "--overwrite to start again"
            ) from error

    @contextmanager
    def locked(self, is_main: bool) -> Iterator[None]:
        """Keep other trainings out of the folder; only the leading process holds the lock.

        A folder that is created here is removed again if nothing is written to it.

        Raises:
            RecipeError: another training is running in the folder.
        """
        if not is_main:
            yield
            return
        created = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise RecipeError(
                f"{self.path}: another training is running in this folder; wait, or choose another --out"
            ) from error
        try:
            yield
        finally:
            if not self._has_results():
                (self.path / LOCK).unlink(missing_ok=True)
                with suppress(OSError):  # a folder with other files in it is kept
                    for folder in created:
                        folder.rmdir()
            lock.release()

    def _has_results(self) -> bool:
        return self.path.is_dir() and any(entry.name != LOCK for entry in self.path.iterdir())


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """List the settings that differ; the number of epochs may differ."""
    changes = []
    for name in sorted({*before, *now} - {"epochs"}):
        old, new = before.get(name), now.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            changes += _changes(old, new, f"{prefix}{name}.")
        elif old != new:
            changes.append(f"{prefix}{name} was {old}, now {new}")
    return changes
