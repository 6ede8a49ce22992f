"""MOTChallenge: a text file per camera, identities as ids."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from pipeline.folder.atomic import whole_file
from pipeline.folder.file_names import file_name
from pipeline.results.reading import Box, boxes, cameras_of


def export_mot(run: Path, folder: Path) -> list[Path]:
    """Write the boxes that have an identity as frame,id,bb_left,bb_top,bb_width,bb_height,conf,-1,-1,-1.

    Frames and pixel coordinates count from 1, as MOTChallenge counts them; a run counts both from 0.

    Args:
        run: folder of a finished run.
        folder: where to write a file per camera, named after it.

    Returns:
        The files, by name of the camera; empty for a camera without identities.

    Raises:
        RunError: the run's files are missing or damaged.
    """
    paths = {camera: folder / f"{file_name(camera)}.txt" for camera in cameras_of(run)}
    silent = set(paths)
    for camera, own in groupby(boxes(run), key=lambda box: box.camera):
        _write(paths[camera], own)
        silent.remove(camera)
    for camera in silent:
        _write(paths[camera], ())
    return list(paths.values())


def _write(path: Path, members: Iterable[Box]) -> None:
    """Write one camera's boxes."""
    with whole_file(path) as file:
        file.writelines(_row(box) for box in members if box.identity is not None)


def _row(box: Box) -> str:
    """Format one box."""
    corner = f"{box.left + 1:.2f},{box.top + 1:.2f}"
    size = f"{box.width:.2f},{box.height:.2f},{box.conf:.4f}"
    return f"{box.frame + 1},{box.identity},{corner},{size},-1,-1,-1\n"
