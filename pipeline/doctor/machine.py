"""What can this machine do: system, processor, GPUs, disk, memory, terminal?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pipeline.doctor.check import BROKEN, Check

DISK, MEMORY = 2.0, 4.0
"""GB under which a run of some length gets into trouble."""


def system() -> Iterator[Check]:
    """Name Python and the system; frames travel by handles that Windows does not have."""
    said = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.platform == "win32":
        yield Check("Python", "wrong", f"{said}; Windows is not supported, use Linux")
    else:
        yield Check("Python", "ok", said)


def devices() -> Iterator[Check]:
    """Name what computes."""
    yield Check("processor", "ok", f"{os.cpu_count()} threads ({_processor()})")
    try:
        torch = import_module("torch")
    except BROKEN:
        return  # told among the packages
    with warnings.catch_warnings(record=True) as heard:  # such as: the driver is too old
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for number in range(count):
        about = torch.cuda.get_device_properties(number)
        yield Check(f"GPU {number}", "ok", f"{about.name}, {about.total_memory / 2**30:.0f} GiB")
    if torch.backends.mps.is_available():
        yield Check("GPU", "ok", "Apple's (--device mps)")
    elif not count:
        why = f" ({str(heard[0].message).splitlines()[0]})" if heard else ""
        yield Check(
            "GPU", "note", f"none that PyTorch can use{why}; everything runs on the processor, patiently"
        )


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8", errors="replace").splitlines() if about.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def room() -> Iterator[Check]:
    """Look at disk, memory and whether progress can be drawn."""
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    yield Check("disk", "ok" if free >= DISK else "note", f"{free:.1f} GB free in {Path.cwd()}")
    memory = import_module("psutil").virtual_memory().available / 1e9
    yield Check("memory", "ok" if memory >= MEMORY else "note", f"{memory:.1f} GB free")
    drawn = "progress is shown" if sys.stderr.isatty() else "none, so that progress is not shown"
    yield Check("terminal", "ok", drawn)
