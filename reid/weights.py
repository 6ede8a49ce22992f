"""Weights: which weights a run uses, decided before anything heavy is imported."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, Literal
from urllib.request import urlopen

from safetensors import SafetensorError, safe_open

from reid.errors import CheckpointError
from reid.model.design import VARIANTS, Design

SIZE = (256, 150)
"""Height and width the paper's network takes, in pixels."""
IMAGENET = "resnet50-0676ba61.pth"
"""ResNet-50's first ImageNet weights, those of the paper's time; the name ends with their SHA-256's first digits."""


SHIPPED = Path(__file__).with_name("shipped")
"""Folder of the trained networks that come with the program, each with its card."""
Shipped = Literal["people", "vehicles"]
"""What the networks that come with the program were trained on."""
BESIDE = ("size", "identities", "about")
"""What a header tells beside the fields of its network's design."""
THRESHOLDS = ("match_threshold", "stitch_threshold")
"""What `about` of a header calls the smallest cosines of a link, across cameras and within one."""
HARDLY = 100
"""Steps of training that teach a network next to nothing; 18 to 70 make an epoch of MARS."""


@dataclass(frozen=True)
class Weights:
    """Where a network's weights come from; small enough to travel to any worker."""

    source: Literal["file", "shipped", "imagenet", "untrained"]
    """A trained network's file, one that came with the program, ImageNet backbones under an untrained head, or
    nothing trained at all."""
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
    design: Design = VARIANTS["fgreid"]
    """What the network is made of; FGReID where the file does not say."""
    note: str = ""
    """One sentence for the operator: why it is no trained network, or hardly one."""
    threshold: float | None = None
    """Smallest cosine of a link between cameras, as the file's makers measured it; None if they do not say."""
    stitch_threshold: float | None = None
    """The same within one camera."""

    @property
    def trusted(self) -> bool:
        """Whether anyone should believe the links made with these weights."""
        return self.source in ("file", "shipped")

    @property
    def key(self) -> str:
        """Name the network: equal keys embed equally."""
        return f"{self.source}-{self.sha256}" + ("" if self.trusted else f"-seed{self.seed}")


def resolve(path: Path | None, *, seed: int, url: str | None = None, cache: Path | None = None) -> Weights:
    """Find the weights a run uses: the file named, else ImageNet's where they can be had, else none.

    Args:
        path: A .safetensors, .pt or .pth file, or None.
        seed: decides all weights that come from no file.
        url: as for `fetch_imagenet`.
        cache: as for `fetch_imagenet`.

    Raises:
        CheckpointError: the file cannot be read.
    """
    if path is not None:
        return _of_file(path, seed)
    try:
        cached, digest = fetch_imagenet(url=url, cache=cache)
    except CheckpointError as error:
        note = f"the network is untrained: no --weights were given, and {error}"
        return Weights("untrained", None, None, seed, note=note)
    note = "the network was never trained to tell identities: no --weights were given, only its backbones know ImageNet"
    return Weights("imagenet", cached, digest, seed, note=note)


def shipped(classes: Shipped, *, seed: int, folder: Path | None = None) -> Weights | None:
    """Find the trained network that came with the program; None if there is none.

    Args:
        classes: what it was trained on.
        seed: as for `resolve`.
        folder: where to look; by default `SHIPPED`.

    Raises:
        CheckpointError: the file is damaged.
    """
    path = (folder or SHIPPED) / f"{classes}.safetensors"
    return replace(_of_file(path, seed), source="shipped") if path.is_file() else None


def fetch_imagenet(*, url: str | None = None, cache: Path | None = None) -> tuple[Path, str]:
    """Find ResNet-50's ImageNet weights, fetching them once; their file and its SHA-256.

    Args:
        url: where they are, by default where torchvision says; the name ends with the first digits of
            their SHA-256.
        cache: folder that keeps them; by default torch's own.

    Raises:
        CheckpointError: they cannot be had.
    """
    cached = (cache or hub_folder()) / (url or IMAGENET).rpartition("/")[2]
    try:
        return cached, _cached(cached) or _download(url or _address(), cached)
    except (OSError, HTTPException) as error:
        why = getattr(error, "reason", error)
        raise CheckpointError(f"ImageNet's weights could not be fetched ({why})") from error


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
    if path.suffix != ".safetensors":
        return Weights("file", path, digest, seed)
    about = read_header(path)
    design, size, identities = _made(about, path)
    threshold, stitch = _thresholds(about, path)
    return Weights(
        *("file", path, digest, seed, size, identities, design, _doubt(about, path)),
        threshold=threshold,
        stitch_threshold=stitch,
    )


def describe(design: Design, size: tuple[int, int], identities: int, about: Mapping[str, str]) -> str:
    """Write what `read_header` reads: one text, as safetensors writes several in random order."""
    return json.dumps(asdict(design) | {"size": size, "identities": identities, "about": dict(about)})


def read_header(path: Path) -> dict[str, Any]:
    """Read what a .safetensors file says of its network, as `describe` wrote it; empty if it says nothing.

    Raises:
        CheckpointError: the file is damaged, or says that it holds something else.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get("network")
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: damaged or cut short ({error}); copy or save it again") from error
    try:
        about = {} if text is None else json.loads(text)
    except ValueError:
        about = None
    if not isinstance(about, dict):
        raise CheckpointError(f"{path}: holds {text}, not a network of reid-pipeline; name another file")
    return about


def _made(about: Mapping[str, Any], path: Path) -> tuple[Design, tuple[int, int], int | None]:
    """Make sense of a header: the network's design, height and width of its crops, number of identities."""
    try:
        design = Design(**{name: value for name, value in about.items() if name not in BESIDE})
        height, width = about.get("size", SIZE)
        if not all(isinstance(pixels, int) and 10 <= pixels < 10_000 for pixels in (height, width)):
            raise ValueError(f"crops of {height} x {width} pixels")
        identities = about.get("identities")
        if not isinstance(identities, int | None):
            raise ValueError(f"{identities} identities")
    except (TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: its header makes no sense ({error}); name another file, or update reid-pipeline"
        ) from error
    return design, (height, width), identities


def _thresholds(about: Mapping[str, Any], path: Path) -> tuple[float | None, float | None]:
    """Read from which cosines on the makers of a network would link, across cameras and within one."""
    words = about.get("about", {})
    found = []
    for name in THRESHOLDS:
        word = words.get(name) if isinstance(words, dict) else None
        try:
            value = None if word is None else float(word)
        except (TypeError, ValueError):
            value = math.nan
        if value is not None and not -1 <= value <= 1:
            raise CheckpointError(
                f"{path}: its header makes no sense ({name} is {word}, no cosine); name another file"
            )
        found.append(value)
    return found[0], found[1]


def _doubt(about: Mapping[str, Any], path: Path) -> str:
    """Say that a network was hardly trained, if its file tells so and it did not start from one that was, as FGReID*."""
    words = about.get("about", {})
    steps = words.get("steps") if isinstance(words, dict) else None
    if steps is None or words.get("whole") == "yes":
        return ""
    if not str(steps).isdecimal():
        raise CheckpointError(
            f"{path}: its header makes no sense (steps is {steps}, no number); name another file"
        )
    return f"{path} was trained for {steps} steps, which is hardly at all" if int(steps) < HARDLY else ""


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
