"""Are the packages here that this program needs, new enough, and can they be loaded?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from ctypes.util import find_library
from importlib import import_module, metadata
from io import StringIO
from shlex import quote
from typing import TYPE_CHECKING

from pipeline.doctor.check import BROKEN, Check, in_one_line

if TYPE_CHECKING:  # it may be broken, too
    from packaging.requirements import Requirement

OURS = ("cli", "pipeline", "reid", "detectors")
MODULES = {"opencv-python": "cv2", "pillow": "PIL"}
"""Modules of the distributions that are not called after them."""
FIRST = ("numpy", "torch", "torchvision")
"""What others need, in this order, so that a failure is laid at the right door."""
EXTRAS = {"train": ("optuna", "tensorboard"), "world": ("anny", "fast-simplification", "moderngl")}
"""Distributions of the extras an operator may want."""


def packages() -> Iterator[Check]:
    """Look at this program, at its names and at all that it says it needs."""
    from packaging.requirements import Requirement

    yield from _shared_names()
    yield Check("reid-pipeline", "ok", metadata.version("reid-pipeline"))
    bad: set[str] = set()
    every = [Requirement(text) for text in metadata.requires("reid-pipeline") or ()]
    for needed in sorted(every, key=lambda one: FIRST.index(one.name) if one.name in FIRST else len(FIRST)):
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            check = _package(needed, bad)
            if check.state != "ok":
                bad.add(needed.name)
            yield check


def _shared_names() -> Iterator[Check]:
    owners = metadata.packages_distributions()
    for name in OURS:
        others = sorted(set(owners.get(name, ())) - {"reid-pipeline"})
        if others:
            said = f"the package {name} also belongs to {', '.join(others)}; install into an environment of its own"
            yield Check(name, "wrong", said, f"pip uninstall {others[0]}")


def _package(needed: Requirement, bad: set[str]) -> Check:
    """Hold a package against what is needed; `bad` are those that were looked at before and do not work."""
    name, bare = needed.name, f"{needed.name}{needed.specifier}"
    try:
        version = metadata.version(name)
        if not needed.specifier.contains(version, prereleases=True):
            return Check(name, "wrong", f"{version}, but {bare} is needed", f"pip install {quote(bare)}")
        with redirect_stdout(StringIO()):
            _load(name)
    except metadata.PackageNotFoundError:
        return Check(name, "missing", "not installed", f"pip install {quote(bare)}")
    except BROKEN as error:
        said = f"{version}, cannot be imported ({in_one_line(error)})"
        if causes := bad & _requirements(name):
            return Check(name, "wrong", f"{said}, as it needs {', '.join(sorted(causes))}")
        return Check(name, "wrong", said, f"pip install --force-reinstall {quote(bare)}")
    return Check(name, "ok", version)


def _load(name: str) -> None:
    """Import a package; not decord, which is tried with recordings, in a process of its own."""
    if name == "ultralytics":
        from detectors.yolo import import_ultralytics

        import_ultralytics()  # silent and offline
    elif name != "decord2":
        import_module(MODULES.get(name, name.replace("-", "_")))


def _requirements(name: str) -> set[str]:
    """Name what a package itself needs."""
    from packaging.requirements import Requirement

    return {Requirement(text).name for text in metadata.requires(name) or ()}


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
