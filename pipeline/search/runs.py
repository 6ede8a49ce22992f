"""What a search needs of a finished run: its galleries, how their scores are meant, and its networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.boxes import PERSON
from pipeline.errors import RunError
from pipeline.matching.config import MatchingConfig
from pipeline.results.galleries import SavedGallery, SavedNetwork, read_galleries
from pipeline.results.reading import run_record
from pipeline.scoring.calibrate import matching_of
from reid.weights import SHIPPED, Weights, resolve, sha256


@dataclass(frozen=True, eq=False)
class SearchedRun:
    """A finished run, read once and searched many times."""

    folder: Path
    record: dict[str, Any]
    """Its run.json."""
    galleries: tuple[SavedGallery, ...]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.folder.resolve().name

    def gallery(self, kind: str) -> SavedGallery:
        """Find the gallery in which objects of a class are."""
        wanted = ("everything", "people" if kind == PERSON else "vehicles")
        return next(one for one in self.galleries if one.network.classes in wanted)

    def matching(self, kind: str) -> MatchingConfig:
        """Tell how the run scored objects of a class, and from which score on it called them one.

        Raises:
            RunError: run.json does not tell.
        """
        return matching_of(self.folder, self.gallery(kind).network.classes, self.record)


def read_run(folder: Path) -> SearchedRun:
    """Read a finished run.

    Raises:
        RunError: it is not finished, or its files are missing or damaged.
    """
    record = run_record(folder)
    return SearchedRun(folder, record, tuple(read_galleries(folder)))


def clip_length(run: SearchedRun) -> int:
    """Tell how many frames a clip of the run has.

    Raises:
        RunError: run.json does not tell.
    """
    try:
        return int(run.record["settings"]["embedding"]["clip_length"])
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(run.folder, error) from error


def weights_of(run: SearchedRun, network: SavedNetwork, given: Path | None) -> Weights:
    """Find the very weights that embedded a gallery: vectors of any others cannot be compared with it.

    They are looked for in the file given, else where the run found them, else among those that come with the program.

    Raises:
        RunError: they are not there, or are others.
        CheckpointError: the file is damaged.
    """
    try:
        seed = run.record["settings"]["embedding"]["seed"]
        told = run.record["weights"]["network"][network.classes]["file"]
        before = None if told is None else Path(told)
    except (KeyError, TypeError) as error:
        raise damaged(run.folder, error) from error
    if network.source == "untrained":
        return Weights("untrained", None, None, seed)
    places = [given] if given else [before, SHIPPED / "people.safetensors", SHIPPED / "vehicles.safetensors"]
    for path in places:
        if path is not None and path.is_file() and sha256(path) == network.sha256:
            if network.source == "imagenet":
                return Weights("imagenet", path, network.sha256, seed)
            return resolve(path, seed=seed)
    found = (
        f"{given} holds others"
        if given and given.is_file()
        else f"{given or before} is not there or holds others"
    )
    raise RunError(
        f"{run.folder}: was embedded with the weights of SHA-256 {str(network.sha256)[:12]}, and {found}; "
        f"give those of the run with --weights"
    )


def damaged(folder: Path, error: Exception) -> RunError:
    """Say that run.json does not hold what a search needs."""
    return RunError(
        f"{folder}: run.json is damaged or of another version ({error!r}); give the command of its match again"
    )
