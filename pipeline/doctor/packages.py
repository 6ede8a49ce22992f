"""Checks that the required packages are installed, new enough and importable."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from ctypes.util import find_library
from importlib import import_module, metadata
from io import StringIO
from shlex import quote
from typing import TYPE_CHECKING

from pipeline.doctor.check import Check, shorten_error

if TYPE_CHECKING:  # packaging itself may be broken
    from packaging.requirements import Requirement

PROGRAM_PACKAGES = ("cli", "pipeline", "reid", "detectors")
MODULES = {"opencv-python": "cv2", "pillow": "PIL"}
"""Modules of the distributions that have another name."""
FIRST = ("numpy", "torch", "torchvision")
"""Distributions to check first, in this order: others fail if these are broken."""
EXTRAS = {"train": ("optuna", "tensorboard"), "world": ("anny", "fast-simplification", "moderngl")}
"""Distributions of the optional extras."""


def check_packages() -> Iterator[Check]:
    """Check this program, the names of its packages and all its requirements."""
    from packaging.requirements import Requirement

    yield from _check_package_names()
    yield Check("reid-pipeline", "ok", metadata.version("reid-pipeline"))
    requirements = [Requirement(text) for text in metadata.requires("reid-pipeline") or ()]
    order = {name: place for place, name in enumerate(FIRST)}
    broken: set[str] = set()
    for requirement in sorted(requirements, key=lambda requirement: order.get(requirement.name, len(FIRST))):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            check = _check_package(requirement, broken)
            if check.state != "ok":
                broken.add(requirement.name)
            yield check


def _check_package_names() -> Iterator[Check]:
    """Report each of this program's packages that another distribution installs too."""
    owners = metadata.packages_distributions()
    for name in PROGRAM_PACKAGES:
        others = sorted(set(owners.get(name, ())) - {"reid-pipeline"})
        if others:
            said = f"the package {name} also belongs to {', '.join(others)}; install reid-pipeline separately"
            yield Check(name, "wrong", said, f"pip uninstall {others[0]}")


def _check_package(requirement: Requirement, broken: set[str]) -> Check:
    """Check one requirement; `broken` names the requirements that failed before."""
    from packaging.requirements import Requirement

    name, specification = requirement.name, f"{requirement.name}{requirement.specifier}"
    install = f"pip install {quote(specification)}"
    try:
        version = metadata.version(name)
        if not requirement.specifier.contains(version, prereleases=True):
            return Check(name, "wrong", f"{version}, but {specification} is needed", install)
        with redirect_stdout(StringIO()):
            _import_distribution(name)
    except metadata.PackageNotFoundError:
        return Check(name, "missing", "not installed", install)
    except Exception as error:  # a damaged package may raise any
        said = f"{version}, cannot be imported ({shorten_error(error)})"
        if causes := broken & {Requirement(text).name for text in metadata.requires(name) or ()}:
            return Check(name, "wrong", f"{said}, because it needs {', '.join(sorted(causes))}")
        return Check(name, "wrong", said, f"pip install --force-reinstall {quote(specification)}")
    return Check(name, "ok", version)


def _import_distribution(name: str) -> None:
    """Import a distribution's module, except decord, which the codec checks load in a process of its own."""
    if name == "ultralytics":
        from detectors.yolo import import_ultralytics

        import_ultralytics()  # silent and offline
    elif name != "decord2":
        import_module(MODULES.get(name, name.replace("-", "_")))


def check_extras() -> Iterator[Check]:
    """Check the optional extras."""
    for extra, distributions in EXTRAS.items():
        absent = [name for name in distributions if not any(metadata.distributions(name=name))]
        what = f"extra [{extra}]"
        if absent:
            said = f"{', '.join(absent)} not installed; `match` does not need this extra"
            yield Check(what, "note", said, f"pip install {quote(f'.[{extra}]')}")
        elif extra == "world" and sys.platform == "linux" and not find_library("EGL"):
            said = "installed, but drawing the world needs EGL, which is missing"
            yield Check(what, "note", said, "apt install libegl1 libgl1-mesa-dri")
        else:
            yield Check(what, "ok", "installed")
