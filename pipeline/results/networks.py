"""The networks of a finished run: which gallery holds a class, and where its weights are."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import RunError
from pipeline.results.galleries import SavedGallery, SavedNetwork
from pipeline.results.records import FinishedRun
from pipeline.results.run_record import classes_of
from reid.files import sha256
from reid.weights import SHIPPED, Weights, resolve


def gallery_of(run: FinishedRun, kind: str) -> SavedGallery:
    """Return the gallery that holds objects of a class; raise `RunError` if gallery.parquet lacks it or is damaged."""
    classes = classes_of(kind, run.record.matching)
    for gallery in run.galleries:
        if gallery.network.classes == classes:
            return gallery
    raise RunError(f"{run.folder}: gallery.parquet has no {classes}; repeat the command of its match")


def weights_of(run: FinishedRun, network: SavedNetwork, path: Path | None) -> Weights:
    """Return the very weights that embedded a gallery; vectors of other weights cannot be compared with it.

    They are looked for in the given file, else at the path that the run recorded, else among the shipped networks.

    Raises:
        RunError: the weights are not found.
        CheckpointError: the file is damaged.
    """
    seed = run.record.seed
    if network.source == "untrained":
        return Weights("untrained", None, None, seed)
    recorded = {record.sha256: record.file for record in run.record.weights.network.values()}
    known = recorded.get(network.sha256)
    candidates = [path] if path else [Path(known)] if known else []
    if path is None:
        candidates += [SHIPPED / "people.safetensors", SHIPPED / "vehicles.safetensors"]
    for candidate in candidates:
        if candidate.is_file() and sha256(candidate) == network.sha256:
            if network.source == "imagenet":
                return Weights("imagenet", candidate, network.sha256, seed)
            return resolve(candidate, seed=seed)
    digest = str(network.sha256)[:12]
    if path and path.is_file():
        problem = f"{path} holds other weights"
    else:
        problem = f"{path or known} is missing or holds other weights"
    raise RunError(
        f"{run.folder}: was embedded with the weights of SHA-256 {digest}; {problem}; give the right file with --weights"
    )
