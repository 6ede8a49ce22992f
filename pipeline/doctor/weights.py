"""Checks that the weights are present and undamaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from detectors.errors import WeightsError
from detectors.weights import DEFAULT, RELEASES, SHIPPED, find_weights
from pipeline.doctor.check import Check
from reid.download import download_file, hub_folder
from reid.files import sha256


def check_detector(*, shipped: Path = SHIPPED) -> Iterator[Check]:
    """Check the detector's weights that `match` would use, without downloading them."""
    release, target = RELEASES[DEFAULT], hub_folder() / DEFAULT
    download = f"curl -fL --create-dirs -o {target} {release.url}"
    try:
        weights = find_weights(None, cache=hub_folder(), download=download_file, releases={}, shipped=shipped)
    except WeightsError:
        said = f"{DEFAULT} is missing; the first run downloads it, which needs a network"
        yield Check("detector", "note", said, download)
        return
    digest = sha256(weights.path)
    file = f"{weights.path}, SHA-256 {digest[:12]}…"
    if digest == release.sha256:
        yield Check("detector", "ok", file)
    elif weights.source == "shipped":
        said = f"{DEFAULT} is missing; the first run downloads it, or without a network uses {file}"
        yield Check("detector", "note", said, download)
    else:
        yield Check("detector", "note", f"{file}: not the published file, but `match` uses it", download)


def check_networks(*, folder: Path | None = None) -> Iterator[Check]:
    """Compare the networks in a folder, by default those of the program, with the SHA-256 in their model cards."""
    from reid import weights

    folder = folder or weights.SHIPPED
    reinstall = "pip install --force-reinstall ."
    for classes in ("people", "vehicles"):
        path, card = folder / f"{classes}.safetensors", folder / f"{classes}.md"
        what = f"ReID network, {classes}"
        if not path.is_file() or not card.is_file():
            yield Check(what, "missing", f"{path} or its card {card.name} is missing", reinstall)
        elif (digest := sha256(path)) not in card.read_text(encoding="utf-8"):
            yield Check(what, "wrong", f"{path} differs from the file that its card describes", reinstall)
        else:
            yield Check(what, "ok", f"SHA-256 {digest[:12]}…, as in its card")


def check_imagenet(*, folder: Path | None = None) -> Iterator[Check]:
    """Check the ImageNet backbone that the paper's training starts from, by default in torch's cache."""
    from reid.weights import IMAGENET

    path = (folder or hub_folder()) / IMAGENET
    expected = path.stem.rpartition("-")[2]
    if not path.is_file():
        said = f"{IMAGENET} is missing; `train` downloads it, `match` does not need it"
        yield Check("ImageNet", "note", said)
    elif not sha256(path).startswith(expected):
        yield Check("ImageNet", "note", f"{path} is damaged; `train` downloads it again")
    else:
        yield Check("ImageNet", "ok", f"{path}, SHA-256 {expected}…")
