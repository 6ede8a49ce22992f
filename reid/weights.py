"""Weights: which weights a run uses, decided before anything heavy is imported."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO, Literal
from urllib.request import urlopen

from safetensors import SafetensorError, safe_open

from reid.errors import CheckpointError

SIZE = (256, 150)
"""Height and width the paper's network takes, in pixels."""
IMAGENET = "resnet50-0676ba61.pth"
"""ResNet-50's first ImageNet weights, those of the paper's time; the name ends with their SHA-256's first digits."""


@dataclass(frozen=True)
class Weights:
    """Where a network's weights come from; small enough to travel to any worker."""

    source: Literal["file", "imagenet", "untrained"]
    """A trained network's file, ImageNet backbones under an untrained head, or nothing trained at all."""
    path: Path | None
    """The file, or the ImageNet backbone; None if untrained."""
    sha256: str | None
    """Digest of what lies at `path`."""
    seed: int
    """Decides everything that is not read from `path`."""
    size: tuple[int, int] = SIZE
    """Height and width in pixels of the crops the network was made for."""
    identities: int | None = None
    """How many identities the file was trained on; None if untrained, or if a .pt file, not yet opened."""
    note: str = ""
    """One sentence for the operator: why it is not a trained network."""

    @property
    def trusted(self) -> bool:
        """Whether anyone should believe the links made with these weights."""
        return self.source == "file"

    @property
    def key(self) -> str:
        """Name the network: equal keys embed equally."""
        return f"{self.source}-{self.sha256}" + ("" if self.trusted else f"-seed{self.seed}")


def resolve(path: Path | None, *, seed: int, url: str | None = None, cache: Path | None = None) -> Weights:
    """Find the weights a run uses: the file named, else ImageNet's where they can be had, else none.

    Args:
        path: A .safetensors, .pt or .pth file, or None.
        seed: decides all weights that come from no file.
        url: where ImageNet's weights are, by default where torchvision says; the name ends with the
            first digits of their SHA-256.
        cache: folder that keeps them; by default torch's own.

    Raises:
        CheckpointError: the file cannot be read.
    """
    if path is not None:
        return _of_file(path, seed)
    cached = (cache or hub_folder()) / (url or IMAGENET).rpartition("/")[2]
    try:
        digest = _cached(cached) or _download(url or _address(), cached)
    except (OSError, HTTPException) as error:
        why = getattr(error, "reason", error)
        note = (
            f"the network is untrained: no --weights were given, and ImageNet's could not be fetched ({why})"
        )
        return Weights("untrained", None, None, seed, note=note)
    note = "the network was never trained to tell identities: no --weights were given, only its backbones know ImageNet"
    return Weights("imagenet", cached, digest, seed, note=note)


def hub_folder() -> Path:
    """Name the folder in which torch keeps the weights it downloads, without asking torch."""
    caches = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", f"{caches}/torch")).expanduser() / "hub" / "checkpoints"


def sha256(path: Path) -> str:
    """Digest a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _of_file(path: Path, seed: int) -> Weights:
    if path.suffix not in (".safetensors", ".pt", ".pth"):
        raise CheckpointError(f"{path}: weights end in .safetensors, .pt or .pth; name such a file")
    try:
        digest = sha256(path)
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot read these weights ({error.strerror}); check --weights"
        ) from error
    size, identities = _header(path) if path.suffix == ".safetensors" else (SIZE, None)
    return Weights("file", path, digest, seed, size, identities)


def _header(path: Path) -> tuple[tuple[int, int], int | None]:
    """Read the input size and the number of identities off a safetensors file's header."""
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            classifier = "classifier.weight"
            shape = file.get_slice(classifier).get_shape() if classifier in set(file.keys()) else None
    except SafetensorError as error:
        raise CheckpointError(f"{path}: damaged or cut short ({error}); copy or save it again") from error
    network = about.get("network", "FGReID {}x{}".format(*SIZE))
    pixels = re.match(r"FGReID ([1-9]\d{1,3})x([1-9]\d{1,3})\b", network)
    if pixels is None:
        raise CheckpointError(
            f"{path}: holds {network}, not FGReID for crops of a given size; name another file"
        )
    return (int(pixels[1]), int(pixels[2])), int(shape[0]) if shape else None


def _cached(path: Path) -> str | None:
    """Digest the cached weights; None if there are none or if they are not what their name promises."""
    digest = sha256(path) if path.is_file() else ""
    return digest if digest and digest.startswith(_promised(path)) else None


def _address() -> str:
    """Ask torchvision, which takes seconds to import, where ImageNet's weights are."""
    from torchvision.models import ResNet50_Weights

    return str(ResNet50_Weights.IMAGENET1K_V1.url)


def _promised(path: Path) -> str:
    """Give the digits of the SHA-256 that a file's name ends with."""
    return path.stem.rpartition("-")[2]


def _download(url: str, path: Path) -> str:
    """Fetch a file whole or not at all, and give its digest."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch(url, partial)
        digest = sha256(partial)
        if not digest.startswith(_promised(path)):
            raise OSError(f"{url} is not the file it should be: its SHA-256 is {digest}")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return digest


def _fetch(url: str, path: Path, patience: float = 4.0) -> None:
    """Write what lies at `url` to `path`; give up when nothing comes for `patience` seconds.

    A thread asks, because looking up a host's name obeys no timeout and can block for minutes.
    """
    answers: SimpleQueue[BinaryIO | OSError | HTTPException] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urlopen(url, timeout=patience))
        except (OSError, HTTPException) as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except Empty:
        raise TimeoutError(f"no answer from {url} within {patience:g} s") from None
    if isinstance(answer, Exception):
        raise answer
    with answer, path.open("wb") as file:
        shutil.copyfileobj(answer, file)
