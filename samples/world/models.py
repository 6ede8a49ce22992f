"""A part as the graphics side holds it."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from samples.world.bodies import ROBE
from samples.world.mesh import Part


class Model:
    """A part on the graphics side."""

    def __init__(self, gl: moderngl.Context, part: Part, programs: Sequence[moderngl.Program]) -> None:
        mesh, sheets = part.mesh, part.paint
        rows = np.column_stack([mesh.points, mesh.normals, mesh.paint, mesh.sheets, mesh.bones, mesh.weights])
        self._part = part  # held, because models are found by its identity
        points, faces = gl.buffer(rows.astype("f4").tobytes()), gl.buffer(mesh.faces.astype("i4").tobytes())
        self.texture = gl.texture_array(
            (sheets.shape[2], sheets.shape[1], len(sheets)), 4, np.ascontiguousarray(sheets).tobytes()
        )
        self.texture.build_mipmaps()
        self.texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self.texture.repeat_y = not mesh.round
        size = ROBE[1] if mesh.round else max(float(np.ptp(mesh.points, axis=0).max()), 0.2)
        self.density = sheets.shape[1] / size
        """Pixels of paint a metre."""
        self._buffers = points, faces  # held as long as they are drawn from
        self.arrays = [gl.vertex_array(program, [_format(points, program)], faces) for program in programs]
        """As each program draws it."""


def _format(buffer: moderngl.Buffer, program: moderngl.Program) -> tuple[object, ...]:
    """Name the attributes that a program kept; the others are skipped."""
    layout, names = [], []
    for name, width in (("point", 3), ("normal", 3), ("paint", 3), ("sheet", 1), ("bone", 4), ("weight", 4)):
        kept = name in program
        layout.append(f"{width}f" if kept else f"{width * 4}x")
        names += [name] if kept else []
    return (buffer, " ".join(layout), *names)
