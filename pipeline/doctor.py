"""Would `match` run on this machine? What is here, what is missing, and the one command that brings it."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal

from detectors.weights import DEFAULT, RELEASES, SHIPPED, checkpoints
from detectors.yolo import import_ultralytics
from pipeline.errors import FootageError
from reid.errors import ReidError
from reid.weights import SHIPPED as NETWORKS
from reid.weights import sha256

OURS = ("cli", "pipeline", "reid", "detectors")
NEEDED = {
    "reid-pipeline": "cli",
    "torch": "torch",
    "torchvision": "torchvision",
    "opencv-python": "cv2",
    "av": "av",
    "numpy": "numpy",
    "pyarrow": "pyarrow",
}
"""Modules by the distribution that brings them. Ultralytics is loaded so that it stays silent; decord is tried in a
process of its own."""
EXTRAS = {"train": ("optuna", "tensorboard"), "world": ("anny", "fast-simplification", "moderngl")}
"""Distributions of the extras an operator may want."""
CODECS = {
    "H.264": "libx264",
    "H.265": "libx265",
    "MPEG-4": "mpeg4",
    "VP9": "libvpx-vp9",
    "AV1": "libsvtav1",
}
"""Encoders, to make a recording of each."""
BROKEN = (ImportError, OSError, AttributeError, RuntimeError, TypeError, ValueError)
"""What importing a damaged package raises."""
DISK, MEMORY = 2.0, 4.0
"""Gigabytes under which a run of some length gets into trouble."""
State = Literal["ok", "note", "missing", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    what: str
    state: State
    """`note`: not needed for `match`; the last two keep it from running."""
    said: str
    cure: str = ""
    """What to type."""


def examine(*, shipped: Path = SHIPPED, networks: Path = NETWORKS) -> Iterator[Check]:
    """Look at this machine, one thing after the other; nothing is downloaded and nobody asked.

    Args:
        shipped: detector that comes with the program, if there.
        networks: folder of the ReID networks that come with it.
    """
    yield _system()
    yield from _packages()
    yield from _devices()
    yield from _codecs()
    yield _detector(shipped)
    yield _network(networks)
    yield from _extras()
    yield from _room()


def runs(checks: list[Check]) -> bool:
    """Tell whether `match` would run."""
    return not any(check.state in ("missing", "wrong") for check in checks)


def _system() -> Check:
    said = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.platform == "win32":
        return Check(
            "Python", "wrong", f"{said}; frames need handles that Windows does not have", "use Linux"
        )
    return Check("Python", "ok", said)


def _packages() -> Iterator[Check]:
    owners = metadata.packages_distributions()
    for name in OURS:
        others = sorted(set(owners.get(name, ())) - {"reid-pipeline"})
        if others:
            cure = f"install into an environment of its own, or: pip uninstall {others[0]}"
            yield Check(name, "wrong", f"the package {name} also belongs to {', '.join(others)}", cure)
    for distribution, module in NEEDED.items():
        yield _package(distribution, partial(importlib.import_module, module))
    yield _package("ultralytics", import_ultralytics)
    yield _package("decord2", lambda: None)


def _package(distribution: str, load: Callable[[], object]) -> Check:
    """Tell a package's version, and whether it can be loaded."""
    cure = f"pip install --force-reinstall {distribution}"
    try:
        version = metadata.version(distribution)
        load()
    except metadata.PackageNotFoundError:
        return Check(distribution, "missing", "not installed", f"pip install {distribution}")
    except BROKEN as error:
        return Check(distribution, "wrong", f"cannot be imported ({error})", cure)
    return Check(distribution, "ok", version)


def _devices() -> Iterator[Check]:
    yield Check("processor", "ok", f"{os.cpu_count()} threads ({_processor()})")
    try:
        torch = importlib.import_module("torch")
    except BROKEN:
        return
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        about = torch.cuda.get_device_properties(number)
        yield Check(f"GPU {number}", "ok", f"{about.name}, {about.total_memory / 2**30:.0f} GiB")
    if torch.backends.mps.is_available():
        yield Check("GPU", "ok", "Apple's (--device mps)")
    elif not torch.cuda.is_available():
        yield Check("GPU", "note", "none that PyTorch can use: everything runs on the processor, patiently")


def _processor() -> str:
    """Name the processor."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8", errors="replace").splitlines() if about.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _codecs() -> Iterator[Check]:
    """Write a short recording in each codec and read it back as `match` would."""
    with tempfile.TemporaryDirectory() as folder:
        for name, encoder in CODECS.items():
            path = Path(folder) / f"{encoder}.mkv"
            try:
                written = _write(path, encoder)
            except BROKEN as error:
                yield Check(f"{name} video", "note", f"could not be tried: {error}")
                continue
            yield _read(name, path, written)


def _write(path: Path, encoder: str, frames: int = 12) -> int:
    """Encode some frames; give how many."""
    import av
    import numpy as np

    os.environ["SVT_LOG"] = "0"  # encoders would tell everybody how they are
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=Fraction(10), options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        for number in range(frames):
            picture = av.VideoFrame.from_ndarray(
                np.full((128, 192, 3), 20 * number, np.uint8), format="rgb24"
            )
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return frames


def _read(name: str, path: Path, written: int) -> Check:
    """Decode a recording."""
    from pipeline.video import FrameReader

    try:
        with FrameReader(path) as reader:
            count = sum(1 for _ in reader)
    except (FootageError, *BROKEN) as error:
        return Check(
            f"{name} video", "wrong", f"cannot be read ({error})", "pip install --force-reinstall av decord2"
        )
    if count < written:
        said = f"{count} of {written} frames came back"
        return Check(f"{name} video", "wrong", said, "pip install --force-reinstall av decord2")
    how = "by PyAV" if any("PyAV" in note for note in reader.notes) else "by decord"
    return Check(f"{name} video", "ok", f"can be read, {how}")


def _detector(shipped: Path) -> Check:
    """Look for the detector's weights without fetching them."""
    places = [path for path in (Path(DEFAULT), checkpoints() / DEFAULT) if path.is_file()]
    release = RELEASES[DEFAULT]
    fetch = f"curl -L --create-dirs -o {checkpoints() / DEFAULT} {release.url}"
    if places:
        found = sha256(places[0])
        said = f"{places[0]}, SHA-256 {found[:12]}…"
        if found == release.sha256:
            return Check("detector", "ok", said)
        return Check("detector", "note", f"{said}: not the published file, but used as it is", fetch)
    if shipped.is_file():
        said = (
            f"{DEFAULT} is not here: the first run fetches it, or takes the one that came with this program"
        )
        return Check("detector", "note", said, fetch)
    return Check("detector", "note", f"{DEFAULT} is not here: the first run fetches it", fetch)


def _network(folder: Path) -> Check:
    """Hold the network that comes with the program against its card."""
    path, card = folder / "people.safetensors", folder / "people.md"
    again = "pip install --force-reinstall ."
    if not path.is_file() or not card.is_file():
        return Check("ReID network", "missing", f"{path} is not there", again)
    try:
        found = sha256(path)
    except (OSError, ReidError) as error:
        return Check("ReID network", "wrong", f"{path} cannot be read ({error})", again)
    if found not in card.read_text(encoding="utf-8"):
        return Check("ReID network", "wrong", f"{path} is not the file that its card describes", again)
    return Check("ReID network", "ok", f"people, SHA-256 {found[:12]}…, as its card says")


def _extras() -> Iterator[Check]:
    for extra, distributions in EXTRAS.items():
        absent = [name for name in distributions if not _installed(name)]
        if absent:
            said = f"without {', '.join(absent)}; `match` does not need it"
            yield Check(f"extra [{extra}]", "note", said, f'pip install ".[{extra}]"')
        else:
            yield Check(f"extra [{extra}]", "ok", "installed")


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _room() -> Iterator[Check]:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    enough: State = "ok" if free >= DISK else "note"
    yield Check("disk", enough, f"{free:.0f} GB free here", "" if free >= DISK else "choose another --out")
    try:
        psutil = importlib.import_module("psutil")
    except BROKEN:
        return
    memory = psutil.virtual_memory().available / 2**30
    state: State = "ok" if memory >= MEMORY else "note"
    yield Check("memory", state, f"{memory:.1f} GiB free")
