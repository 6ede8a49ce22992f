"""Are the packages here that this program needs, new enough, and can they be loaded?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from ctypes.util import find_library
from importlib import import_module, metadata
from shlex import quote

from packaging.requirements import Requirement

from pipeline.doctor.check import BROKEN, Check

OURS = ("cli", "pipeline", "reid", "detectors")


def _ultralytics() -> object:
    """Import it the way that keeps it silent and offline."""
    from detectors.yolo import import_ultralytics

    return import_ultralytics()


LOADED: Mapping[str, Callable[[], object]] = {
    "torch": lambda: import_module("torch"),
    "torchvision": lambda: import_module("torchvision"),
    "opencv-python": lambda: import_module("cv2"),
    "av": lambda: import_module("av"),
    "numpy": lambda: import_module("numpy"),
    "pyarrow": lambda: import_module("pyarrow"),
    "ultralytics": _ultralytics,
}
"""By distribution, how those with native code are tried; decord is, in its own process, by the recordings."""
EXTRAS = {"train": ("optuna", "tensorboard"), "world": ("anny", "fast-simplification", "moderngl")}
"""Distributions of the extras an operator may want."""


def packages() -> Iterator[Check]:
    """Look at this program, at its names and at all that it says it needs."""
    yield from _shared_names()
    yield Check("reid-pipeline", "ok", metadata.version("reid-pipeline"))
    for text in metadata.requires("reid-pipeline") or ():
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield _package(needed)


def _shared_names() -> Iterator[Check]:
    owners = metadata.packages_distributions()
    for name in OURS:
        others = sorted(set(owners.get(name, ())) - {"reid-pipeline"})
        if others:
            said = f"the package {name} also belongs to {', '.join(others)}; install into an environment of its own"
            yield Check(name, "wrong", said, f"pip uninstall {others[0]}")


def _package(needed: Requirement) -> Check:
    """Hold a package against what is needed."""
    bare = f"{needed.name}{needed.specifier}"
    try:
        version = metadata.version(needed.name)
        if not needed.specifier.contains(version, prereleases=True):
            return Check(
                needed.name, "wrong", f"{version}, but {bare} is needed", f"pip install {quote(bare)}"
            )
        LOADED.get(needed.name, object)()
    except metadata.PackageNotFoundError:
        return Check(needed.name, "missing", "not installed", f"pip install {quote(bare)}")
    except BROKEN as error:
        again = f"pip install --force-reinstall {quote(bare)}"
        return Check(needed.name, "wrong", f"{version}, cannot be imported ({error})", again)
    return Check(needed.name, "ok", version)


def extras() -> Iterator[Check]:
    """Look for what not everybody needs."""
    for extra, distributions in EXTRAS.items():
        absent = [name for name in distributions if not _installed(name)]
        what, bring = f"extra [{extra}]", f"pip install {quote(f'.[{extra}]')}"
        if absent:
            yield Check(what, "note", f"without {', '.join(absent)}; `match` does not need it", bring)
        elif extra == "world" and sys.platform == "linux" and not find_library("EGL"):
            libraries = "apt install libegl1 libgl1-mesa-dri"
            yield Check(what, "note", "installed, but there is no EGL to draw the world with", libraries)
        else:
            yield Check(what, "ok", "installed")


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
