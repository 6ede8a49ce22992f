"""Parts as buffers on the GPU."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from samples.world.bodies import ROBE
from samples.world.mesh import Floats, Part


class Model:
    """A part in GPU buffers, ready to be drawn by several programs."""

    def __init__(self, gl: moderngl.Context, part: Part, programs: Sequence[moderngl.Program]) -> None:
        """Upload a part."""
        mesh, sheets = part.mesh, part.paint
        self._part = part  # kept alive, because models are looked up by the id of their part
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
        """Pixels of paint per metre."""
        self._buffers = bent, paint, faces  # kept alive as long as they are drawn from
        self._bent: tuple[Floats, Floats] | None = None
        geometry, colouring = (("point", 3), ("normal", 3)), (("paint", 3), ("sheet", 1))
        self.arrays = [
            gl.vertex_array(
                program, [_format(bent, geometry, program), _format(paint, colouring, program)], faces
            )
            for program in programs
        ]
        """Vertex array of each program."""

    def bend(self, bent: tuple[Floats, Floats]) -> None:
        """Upload (V, 3) points and (V, 3) normals in the world, unless they are the pair that was uploaded last."""
        if bent is not self._bent:
            self._bent = bent
            self._buffers[0].write(np.hstack(bent).astype("f4").tobytes())


def _format(
    buffer: moderngl.Buffer, attributes: Sequence[tuple[str, int]], program: moderngl.Program
) -> tuple[object, ...]:
    """Return the buffer's layout and names for `vertex_array`; attributes that the program does not use are skipped."""
    layout, names = [], []
    for name, width in attributes:
        if name in program:
            layout.append(f"{width}f")
            names.append(name)
        else:
            layout.append(f"{width * 4}x")
    return (buffer, " ".join(layout), *names)
