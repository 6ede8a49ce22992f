"""A part as the graphics side holds it."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from samples.world.bodies import ROBE
from samples.world.mesh import Floats, Part


class Model:
    """A part on the graphics side."""

    def __init__(self, gl: moderngl.Context, part: Part, programs: Sequence[moderngl.Program]) -> None:
        mesh, sheets = part.mesh, part.paint
        self._part = part  # held, because models are found by its identity
        rows = np.column_stack([mesh.paint, mesh.sheets]).astype("f4")
        paint, faces = gl.buffer(rows.tobytes()), gl.buffer(mesh.faces.astype("i4").tobytes())
        bent = gl.buffer(reserve=24 * len(rows), dynamic=True)
        self.texture = gl.texture_array(
            (sheets.shape[2], sheets.shape[1], len(sheets)), 4, np.ascontiguousarray(sheets).tobytes()
        )
        self.texture.build_mipmaps()
        self.texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self.texture.repeat_y = not mesh.round
        size = ROBE[1] if mesh.round else max(float(np.ptp(mesh.points, axis=0).max()), 0.2)
        self.density = sheets.shape[1] / size
        """Pixels of paint a metre."""
        self._buffers = bent, paint, faces  # held as long as they are drawn from
        self._bent: tuple[Floats, Floats] | None = None
        content = ((bent, (("point", 3), ("normal", 3))), (paint, (("paint", 3), ("sheet", 1))))
        self.arrays = [
            gl.vertex_array(program, [_format(*each, program) for each in content], faces)
            for program in programs
        ]
        """As each program draws it."""

    def bend(self, bent: tuple[Floats, Floats]) -> None:
        """Take over (V, 3) points and (V, 3) normals in the world; the same pair again costs nothing."""
        if bent is not self._bent:
            self._bent = bent
            self._buffers[0].write(np.hstack(bent).astype("f4").tobytes())


def _format(
    buffer: moderngl.Buffer, content: Sequence[tuple[str, int]], program: moderngl.Program
) -> tuple[object, ...]:
    """Name the attributes that a program kept; the others are skipped."""
    layout, names = [], []
    for name, width in content:
        kept = name in program
        layout.append(f"{width}f" if kept else f"{width * 4}x")
        names += [name] if kept else []
    return (buffer, " ".join(layout), *names)
