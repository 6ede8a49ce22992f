"""Are the weights here, and are they the right files?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from detectors.errors import WeightsError
from detectors.weights import DEFAULT, RELEASES, SHIPPED, checkpoints, find_weights
from pipeline.doctor.check import Check


def detector(*, shipped: Path = SHIPPED) -> Iterator[Check]:
    """Look for the detector that `match` would take, without fetching it."""
    from reid.weights import sha256

    release, place = RELEASES[DEFAULT], checkpoints() / DEFAULT
    fetch = f"curl -fL --create-dirs -o {place} {release.url}"
    try:
        found = find_weights(None, releases={}, shipped=shipped)
    except WeightsError:
        yield Check("detector", "note", f"no {DEFAULT}: the first run with a network fetches it", fetch)
        return
    digest = sha256(found.path)
    said = f"{found.path}, SHA-256 {digest[:12]}…"
    if digest == release.sha256:
        yield Check("detector", "ok", said)
    elif found.source == "shipped":
        said = f"no {DEFAULT}: the first run fetches it, or without a network takes {said}"
        yield Check("detector", "note", said, fetch)
    else:
        yield Check("detector", "note", f"{said}: not the published file, but used as it is", fetch)


def networks(*, folder: Path | None = None) -> Iterator[Check]:
    """Hold the networks that come with the program against their cards.

    Args:
        folder: where they are; by default the program's own.
    """
    from reid.weights import SHIPPED as OWN
    from reid.weights import sha256

    here = folder or OWN
    again = "pip install --force-reinstall ."
    for classes in ("people", "vehicles"):
        path, card = here / f"{classes}.safetensors", here / f"{classes}.md"
        what = f"ReID network, {classes}"
        if not path.is_file() or not card.is_file():
            yield Check(what, "missing", f"{path} or its card is not there", again)
        elif (digest := sha256(path)) not in card.read_text(encoding="utf-8"):
            yield Check(what, "wrong", f"{path} is not the file that its card describes", again)
        else:
            yield Check(what, "ok", f"SHA-256 {digest[:12]}…, as its card says")


def imagenet(*, folder: Path | None = None) -> Iterator[Check]:
    """Look for the backbone that the paper's training begins with.

    Args:
        folder: where it would be; by default torch's cache.
    """
    from reid.weights import IMAGENET, hub_folder, sha256

    path = (folder or hub_folder()) / IMAGENET
    promised = path.stem.rpartition("-")[2]
    if not path.is_file():
        yield Check(
            "ImageNet", "note", f"{IMAGENET} is not here; `train` fetches it, `match` does not need it"
        )
    elif not sha256(path).startswith(promised):
        yield Check("ImageNet", "note", f"{path} is damaged; `train` will fetch it again")
    else:
        yield Check("ImageNet", "ok", f"{path}, SHA-256 {promised}…")
