"""The format of MOTChallenge: one text file per camera."""

from __future__ import annotations

from pathlib import Path

from pipeline.folder.atomic import whole_file
from pipeline.folder.file_names import file_name
from pipeline.results.records import FinishedRun


def export_mot(run: FinishedRun, folder: Path) -> list[Path]:
    """Write the boxes that have an identity as lines of frame,id,bb_left,bb_top,bb_width,bb_height,conf,-1,-1,-1.

    The id is the identity. Frames and pixels count from 1, as in MOTChallenge; a run counts both from 0. Returns the
    files in the folder, which is created, by camera; the file of a camera without identities is empty.

    Raises:
        RunError: tracks.csv is missing or damaged, or a file cannot be written.
    """
    boxes = run.boxes.select(run.boxes.identities > 0)
    paths = []
    for camera in run.cameras:
        path = folder / f"{file_name(camera)}.txt"
        shown = boxes.select(boxes.cameras == camera)
        columns = [column.tolist() for column in (shown.frames, shown.identities, shown.sides, shown.conf)]
        with whole_file(path) as file:
            for frame, identity, (left, top, width, height), conf in zip(*columns, strict=True):
                corner = f"{left + 1:.2f},{top + 1:.2f}"
                file.write(f"{frame + 1},{identity},{corner},{width:.2f},{height:.2f},{conf:.4f},-1,-1,-1\n")
        paths.append(path)
    return paths
