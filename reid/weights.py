"""Choice of the weights of a run, made before torch is imported."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from reid.download import download_file, hub_folder
from reid.errors import CheckpointError
from reid.files import sha256
from reid.model.design import VARIANTS, Design

SIZE = (256, 150)
"""Height and width of the paper's crops, in pixels."""
IMAGENET = "resnet50-0676ba61.pth"
"""File name of ResNet-50's first ImageNet weights, those of the paper's time."""
IMAGENET_SHA256 = "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a"
SHIPPED = Path(__file__).with_name("shipped")
"""Folder of the trained networks that are part of the program, each with its card."""
Shipped = Literal["people", "vehicles"]
"""Classes for which a trained network is part of the program."""
BESIDE = ("size", "identities", "about")
"""Keys of a file's header that are not fields of the network's design."""
THRESHOLDS = ("match_threshold", "stitch_threshold")
"""Keys in `about` of a header: smallest cosine of a link between cameras, and within one camera."""
HARDLY = 100
"""Number of training steps below which a network counts as untrained; an epoch of MARS has 18 to 70."""


@dataclass(frozen=True)
class Weights:
    """Source of a network's weights; small enough to be sent to any worker process."""

    source: Literal["file", "shipped", "imagenet", "untrained"]
    """A trained network's file, a network that is part of the program, ImageNet backbones under an untrained
    head, or random weights."""
    path: Path | None
    """File of the network or of the ImageNet backbone; None for random weights."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal."""
    seed: int
    """Seed of all weights that are not in the file."""
    size: tuple[int, int] = SIZE
    """Height and width of the crops that the network expects, in pixels."""
    identities: int | None = None
    """Number of training identities; None for random weights, and for .pt files, which are not opened here."""
    design: Design = VARIANTS["fgreid"]
    """Design of the network; FGReID if the file has no header."""
    note: str = ""
    """One sentence for the operator if the network is not, or hardly, trained."""
    threshold: float | None = None
    """Smallest cosine of a link between cameras, from the file's header; None if it has none."""
    stitch_threshold: float | None = None
    """Smallest cosine of a link within one camera, from the file's header; None if it has none."""

    @property
    def trusted(self) -> bool:
        """Whether the network was trained to tell identities apart."""
        return self.source in ("file", "shipped")

    @property
    def key(self) -> str:
        """Name of the network; networks with equal keys give equal embeddings."""
        key = f"{self.source}-{self.sha256}"
        return key if self.trusted else f"{key}-seed{self.seed}"


def fetch_imagenet(
    *, url: str | None = None, digest: str = IMAGENET_SHA256, cache: Path | None = None
) -> tuple[Path, str]:
    """Return the file of ResNet-50's ImageNet weights and its SHA-256; download it if it is not cached.

    Args:
        url: address of the weights; by default torchvision's.
        digest: expected SHA-256.
        cache: folder of the file; by default torch's own.

    Raises:
        CheckpointError: the file cannot be downloaded, or has another SHA-256.
    """
    target = (cache or hub_folder()) / (url or IMAGENET).rpartition("/")[2]
    try:
        if not target.is_file() or sha256(target) != digest:
            if url is None:
                from torchvision.models import ResNet50_Weights  # takes seconds to import

                url = str(ResNet50_Weights.IMAGENET1K_V1.url)
            download_file(url, target, digest)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise CheckpointError(f"ImageNet's weights could not be downloaded ({reason})") from error
    return target, digest


def resolve(
    path: Path | None, *, seed: int, fetch: Callable[[], tuple[Path, str]] = fetch_imagenet
) -> Weights:
    """Return the weights of a run: the given file, else ImageNet's, else random weights.

    Args:
        path: a .safetensors file, a file of torch.save with any other ending, or None.
        seed: seed of all weights that are not in a file.
        fetch: returns the file of ImageNet's weights and its SHA-256, or raises CheckpointError.

    Raises:
        CheckpointError: the given file cannot be read.
    """
    if path is not None:
        return _from_file(path, seed)
    try:
        cached, digest = fetch()
    except CheckpointError as error:
        note = f"the network is untrained: no --weights were given, and {error}"
        return Weights("untrained", None, None, seed, note=note)
    note = "the network was not trained to tell identities apart: no --weights were given, so its backbones are ImageNet's"
    return Weights("imagenet", cached, digest, seed, note=note)


def shipped(classes: Shipped, *, seed: int, folder: Path | None = None) -> Weights | None:
    """Return the trained network that is part of the program, or None if it is missing.

    Args:
        classes: objects that the network was trained on.
        seed: seed, as for `resolve`.
        folder: folder of the networks; by default `SHIPPED`.

    Raises:
        CheckpointError: the file is damaged.
    """
    path = (folder or SHIPPED) / f"{classes}.safetensors"
    return replace(_from_file(path, seed), source="shipped") if path.is_file() else None


def describe_weights(design: Design, size: tuple[int, int], identities: int, about: Mapping[str, str]) -> str:
    """Return the header text that `read_safetensors_header` reads.

    It is a single text, because safetensors writes several entries in random order.
    """
    return json.dumps(asdict(design) | {"size": size, "identities": identities, "about": dict(about)})


def read_safetensors_header(path: Path) -> dict[str, Any]:
    """Return the header of a .safetensors file, as `describe_weights` wrote it; empty if it has none.

    Raises:
        CheckpointError: the file is damaged, or its header is that of another program.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get("network")
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: damaged or cut short ({error}); copy or save it again") from error
    try:
        header = {} if text is None else json.loads(text)
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise CheckpointError(f"{path}: holds {text}, not a network of reid-pipeline; name another file")
    return header


def _from_file(path: Path, seed: int) -> Weights:
    try:
        digest = sha256(path)
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot read these weights ({error.strerror}); check --weights"
        ) from error
    if path.suffix != ".safetensors":
        return Weights("file", path, digest, seed)
    header = read_safetensors_header(path)
    try:
        height, width = header.get("size", SIZE)
        if not all(isinstance(pixels, int) and 10 <= pixels < 10_000 for pixels in (height, width)):
            raise ValueError(f"crops of {height} x {width} pixels")
        identities = header.get("identities")
        if not isinstance(identities, int | None):
            raise ValueError(f"{identities} identities")
        return Weights(
            source="file",
            path=path,
            sha256=digest,
            seed=seed,
            size=(height, width),
            identities=identities,
            design=Design(**{name: value for name, value in header.items() if name not in BESIDE}),
            note=_training_note(header, path),
            threshold=_parse_threshold(header, THRESHOLDS[0]),
            stitch_threshold=_parse_threshold(header, THRESHOLDS[1]),
        )
    except (TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: its header is invalid ({error}); name another file, or update reid-pipeline"
        ) from error


def _about(header: Mapping[str, Any]) -> Mapping[str, Any]:
    about = header.get("about", {})
    return about if isinstance(about, dict) else {}


def _parse_threshold(header: Mapping[str, Any], name: str) -> float | None:
    """Return a threshold of the header, or None if it has none; raise ValueError if it is no cosine."""
    text = _about(header).get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = math.nan
    if not -1 <= value <= 1:
        raise ValueError(f"{name} is {text}, no cosine")
    return value


def _training_note(header: Mapping[str, Any], path: Path) -> str:
    """Return a note if a network was hardly trained and did not start from a trained one, as FGReID* does."""
    about = _about(header)
    steps = about.get("steps")
    if steps is None or about.get("whole") == "yes":
        return ""
    if not str(steps).isdecimal():
        raise ValueError(f"steps is {steps}, no number")
    return f"{path} was trained for {steps} steps, which is hardly at all" if int(steps) < HARDLY else ""
