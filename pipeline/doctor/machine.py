"""Checks of the system, processor, GPUs, disk, memory and terminal."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pipeline.doctor.check import Check

DISK, MEMORY = 2.0, 4.0
"""GB that a run of some length needs."""


def check_system() -> Iterator[Check]:
    """Check Python and the system; Windows lacks the file handles through which frames are shared."""
    said = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.platform == "win32":
        yield Check("Python", "wrong", f"{said}; Windows is not supported, use Linux")
    else:
        yield Check("Python", "ok", said)


def check_devices() -> Iterator[Check]:
    """Check the processor and the GPUs."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    yield Check("processor", "ok", f"{os.cpu_count()} threads ({name})")
    try:
        torch = import_module("torch")
    except Exception:  # a damaged package may raise any; the checks of packages report it
        return
    with warnings.catch_warnings(record=True) as caught:  # for example that the driver is too old
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for number in range(count):
        properties = torch.cuda.get_device_properties(number)
        yield Check(f"GPU {number}", "ok", f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB")
    if torch.backends.mps.is_available():
        yield Check("GPU", "ok", "Apple GPU (--device mps)")
    elif not count:
        reason = f" ({str(caught[0].message).splitlines()[0]})" if caught else ""
        said = f"no GPU that PyTorch can use{reason}; everything runs on the processor, more slowly"
        yield Check("GPU", "note", said)


def check_resources() -> Iterator[Check]:
    """Check the free disk space and memory, and whether a terminal can show progress."""
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    yield Check("disk", "ok" if free >= DISK else "note", f"{free:.1f} GB free in {Path.cwd()}")
    memory = import_module("psutil").virtual_memory().available / 1e9
    yield Check("memory", "ok" if memory >= MEMORY else "note", f"{memory:.1f} GB free")
    progress = "progress is shown" if sys.stderr.isatty() else "no terminal, progress is not shown"
    yield Check("terminal", "ok", progress)
