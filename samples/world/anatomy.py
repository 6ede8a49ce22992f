"""Takes from anny what bodies are made of, once a machine: `python -m samples.world.anatomy FILE`.

Run in a process of its own, because anny's compiler and Mesa's cannot live in one. anny's code is Apache-2.0, the MakeHuman
shapes in it are CC0. Never its "smplx" topology, whose data is not free.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

GROUPS = {"body": 0.30, "tights": 0.62, "skirt": 0.75, "hair": 1.0}
"""The body and three helpers that follow its shape and pose, each with the share of its triangles that is kept."""
SKIN = 13380
"""Points of the body in anny's full topology; they come before those of its helpers."""
ANCHORS = {
    "gender": (0.0, 1.0),
    "age": (0.0, 1 / 3, 2 / 3, 1.0),
    "muscle": (0.0, 0.5, 1.0),
    "weight": (0.0, 0.5, 1.0),
    "height": (0.0, 1.0),
    "proportions": (0.0, 1.0),
}
"""Values between which anny's shapes are linear in each trait."""

Points = NDArray[np.float32]
Faces = NDArray[np.int64]


def extract(path: Path) -> None:
    """Write template, shapes, bones and triangles to an .npz file; takes a minute or two."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ANNY_CACHE_DIR"] = folder
        import anny
        import torch

        model = anny.Anny(topology="anny-full", rig="anny").to(torch.float32)
    corners = np.array(list(itertools.product(*ANCHORS.values())), np.float32)
    with torch.no_grad():
        values = {name: torch.from_numpy(column) for name, column in zip(ANCHORS, corners.T, strict=True)}
        table = model.get_phenotype_blendshape_coefficients(**values).numpy()
    template, shapes = model.template_vertices.numpy(), model.blendshapes.numpy()
    average = template + np.tensordot(table.mean(0), shapes, 1)
    faces = {group: decimated(average, f, GROUPS[group]) for group, f in _triangles(anny, model).items()}
    kept = np.unique(np.concatenate([f.ravel() for f in faces.values()]))
    renumber = np.full(len(template), -1, np.int32)
    renumber[kept] = np.arange(len(kept))
    indices, weights = model.vertex_bone_indices.numpy()[kept], model.vertex_bone_weights.numpy()[kept]
    strongest = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    four = np.take_along_axis(weights, strongest, 1)
    arrays: dict[str, Any] = {
        "table": table.reshape(*map(len, ANCHORS.values()), -1),
        "template": template[kept],
        "shapes": shapes[:, kept],
        "heads": model.template_bone_heads.numpy(),
        "head_shapes": model.bone_heads_blendshapes.numpy(),
        "bones": np.array(model.bone_labels),
        "parents": np.array(model.bone_parents),
        "carriers": np.take_along_axis(indices, strongest, 1).astype(np.int32),
        "weights": (four / four.sum(1, keepdims=True)).astype(np.float32),
    }
    np.savez(path, **arrays | {f"faces_{group}": renumber[f] for group, f in faces.items()})


def _triangles(anny, model) -> dict[str, Faces]:  # type: ignore[no-untyped-def]
    """Give each group's triangles, (F, 3) into anny's points."""
    body = model.faces.numpy()
    out = {"body": body[(body < SKIN).all(1)].astype(np.int64)}
    wanted = {"helper-tights": "tights", "helper-skirt": "skirt", "helper-hair": "hair"}
    lists: dict[str, list[tuple[int, ...]]] = {group: [] for group in wanted.values()}
    group = None
    with (Path(anny.__file__).parent / "data/mpfb2/3dobjs/base.obj").open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("g "):
                group = wanted.get(line.split()[1])
            elif group and line.startswith("f "):
                a, b, c, *rest = (int(corner.split("/")[0]) - 1 for corner in line.split()[1:])
                lists[group] += [(a, b, c), *((a, c, d) for d in rest)]
    return out | {name: np.array(triangles) for name, triangles in lists.items()}


def decimated(points: Points, faces: Faces, share: float) -> Faces:
    """Leave out triangles, keeping only points that were there before."""
    if share >= 1:
        return faces
    import fast_simplification
    from scipy.spatial import cKDTree

    used, inverse = np.unique(faces, return_inverse=True)
    local = inverse.reshape(-1, 3).astype(np.int32)
    few, triangles = fast_simplification.simplify(points[used].astype(np.float32), local, 1 - share, agg=4)
    nearest = np.asarray(cKDTree(points[used]).query(few)[1])
    snapped = used[nearest[triangles]]
    whole = (
        (snapped[:, 0] != snapped[:, 1]) & (snapped[:, 1] != snapped[:, 2]) & (snapped[:, 0] != snapped[:, 2])
    )
    return np.asarray(snapped[whole])


if __name__ == "__main__":
    extract(Path(sys.argv[1]))
