"""The format of COCO, with videos and tracks: one JSON file for all cameras."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.folder.atomic import whole_file
from pipeline.folder.file_names import file_name
from pipeline.results.records import FinishedRun


def export_coco(run: FinishedRun, path: Path) -> None:
    """Write the boxes that have an identity as annotations of images, which are the frames that they lie in.

    `track_id` is the identity and `video_id` the camera. Frames and pixels count from 0. The names of images are those
    that a tool gives which writes each camera's frames to a folder: camera/000000.jpg.

    Raises:
        RunError: tracks.csv is missing or damaged, or the file cannot be written.
    """
    kinds = sorted({tracklet.kind for tracklet in run.tracklets if tracklet.identity is not None})
    cameras = {name: number for number, name in enumerate(run.cameras, start=1)}
    images, annotations = _images_and_annotations(
        run, cameras, {kind: i for i, kind in enumerate(kinds, start=1)}
    )
    lists: dict[str, Iterator[dict[str, Any]] | list[dict[str, Any]]] = {
        "videos": [{"id": number, "name": name} for name, number in cameras.items()],
        "categories": [{"id": number, "name": kind} for number, kind in enumerate(kinds, start=1)],
        "images": images,
        "annotations": annotations,
    }
    with whole_file(path) as file:
        file.write('{"info": {"description": "made by reid-pipeline"}')
        for name, entries in lists.items():
            lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
            file.write(f',\n"{name}": [\n{lines}\n]')
        file.write("}\n")


def _images_and_annotations(
    run: FinishedRun, cameras: dict[str, int], kinds: dict[str, int]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the images, by camera and frame, and the annotations, which refer to them."""
    boxes = run.boxes.select(run.boxes.identities > 0)
    images: dict[tuple[str, int], dict[str, Any]] = {}
    annotations = []
    columns = (boxes.cameras, boxes.frames, boxes.tracks, boxes.identities, boxes.sides, boxes.conf)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, (camera, frame, track, identity, sides, conf) in enumerate(rows, start=1):
        if (camera, frame) not in images:
            report = run.record.cameras[camera].report
            images[camera, frame] = {
                "id": len(images) + 1,
                "video_id": cameras[camera],
                "frame_id": frame,
                "file_name": f"{file_name(camera)}/{frame:06d}.jpg",
                "width": report.width if report else 0,
                "height": report.height if report else 0,
            }
        left, top, width, height = sides
        annotations.append(
            {
                "id": number,
                "image_id": images[camera, frame]["id"],
                "category_id": kinds[run.by_key[camera, track].kind],
                "bbox": [round(side, 2) for side in (left, top, width, height)],
                "area": round(width * height, 2),
                "iscrowd": 0,
                "track_id": identity,
                "tracklet": track,
                "score": conf,
            }
        )
    return list(images.values()), annotations
