"""Export of the body model of anny, run once per machine: `python -m samples.world.anatomy FILE`.

The export runs in a separate process because the compilers of anny and of Mesa cannot run in the same one.
The code of anny is Apache-2.0 and the MakeHuman shapes in it are CC0. Never use its "smplx" topology: the
data of that one is not free.
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
"""Share of its triangles that each group keeps. Tights, skirt and hair are helper surfaces around the body."""
SKIN = 13380
"""Number of points of the body in anny's full topology. The points of the helpers follow after them."""
ANCHORS = {
    "gender": (0.0, 1.0),
    "age": (0.0, 1 / 3, 2 / 3, 1.0),
    "muscle": (0.0, 0.5, 1.0),
    "weight": (0.0, 0.5, 1.0),
    "height": (0.0, 1.0),
    "proportions": (0.0, 1.0),
}
"""Values of each trait between which anny's shapes are linear."""

Points = NDArray[np.float32]
Faces = NDArray[np.int64]


def extract(path: Path) -> None:
    """Write the template, shapes, bones and triangles to an .npz file. This takes a minute or two."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ANNY_CACHE_DIR"] = folder
        import anny
        import torch

        model = anny.Anny(topology="anny-full", rig="anny").to(torch.float32)
    anchors = np.array(list(itertools.product(*ANCHORS.values())), np.float32)
    with torch.no_grad():
        values = {name: torch.from_numpy(column) for name, column in zip(ANCHORS, anchors.T, strict=True)}
        table = model.get_phenotype_blendshape_coefficients(**values).numpy()
    template, shapes = model.template_vertices.numpy(), model.blendshapes.numpy()
    average = template + np.tensordot(table.mean(0), shapes, 1)
    faces = {
        group: decimate(average, triangles, GROUPS[group])
        for group, triangles in _triangles(anny, model).items()
    }
    kept = np.unique(np.concatenate([triangles.ravel() for triangles in faces.values()]))
    new_index = np.full(len(template), -1, np.int32)
    new_index[kept] = np.arange(len(kept))
    indices, weights = model.vertex_bone_indices.numpy()[kept], model.vertex_bone_weights.numpy()[kept]
    strongest = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    four_weights = np.take_along_axis(weights, strongest, 1)
    arrays: dict[str, Any] = {
        "table": table.reshape(*map(len, ANCHORS.values()), -1),
        "template": template[kept],
        "shapes": shapes[:, kept],
        "heads": model.template_bone_heads.numpy(),
        "head_shapes": model.bone_heads_blendshapes.numpy(),
        "bones": np.array(model.bone_labels),
        "parents": np.array(model.bone_parents),
        "carriers": np.take_along_axis(indices, strongest, 1).astype(np.int32),
        "weights": (four_weights / four_weights.sum(1, keepdims=True)).astype(np.float32),
    }
    np.savez(path, **arrays | {f"faces_{group}": new_index[triangles] for group, triangles in faces.items()})


def _triangles(anny, model) -> dict[str, Faces]:  # type: ignore[no-untyped-def]
    """Return the (F, 3) triangles of each group, as indices into anny's points."""
    body = model.faces.numpy()
    faces = {"body": body[(body < SKIN).all(1)].astype(np.int64)}
    group_of = {"helper-tights": "tights", "helper-skirt": "skirt", "helper-hair": "hair"}
    lists: dict[str, list[tuple[int, ...]]] = {group: [] for group in group_of.values()}
    group = None
    with (Path(anny.__file__).parent / "data/mpfb2/3dobjs/base.obj").open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("g "):
                group = group_of.get(line.split()[1])
            elif group and line.startswith("f "):
                corners = [int(corner.split("/")[0]) - 1 for corner in line.split()[1:]]
                a, b, c = corners[:3]
                lists[group] += [(a, b, c), *((a, c, d) for d in corners[3:])]
    return faces | {name: np.array(triangles) for name, triangles in lists.items()}


def decimate(points: Points, faces: Faces, share: float) -> Faces:
    """Return about `share` of the triangles; their corners are a subset of the given points."""
    if share >= 1:
        return faces
    import fast_simplification
    from scipy.spatial import cKDTree

    used, inverse = np.unique(faces, return_inverse=True)
    local = inverse.reshape(-1, 3).astype(np.int32)
    fewer_points, triangles = fast_simplification.simplify(
        points[used].astype(np.float32), local, 1 - share, agg=4
    )
    nearest = np.asarray(cKDTree(points[used]).query(fewer_points)[1])
    snapped = used[nearest[triangles]]
    not_collapsed = (
        (snapped[:, 0] != snapped[:, 1]) & (snapped[:, 1] != snapped[:, 2]) & (snapped[:, 0] != snapped[:, 2])
    )
    return np.asarray(snapped[not_collapsed])


if __name__ == "__main__":
    extract(Path(sys.argv[1]))
