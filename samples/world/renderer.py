"""People and vehicles drawn over a backdrop: their light, their shadows, and who covers whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from samples.world import renderer_shaders as shaders
from samples.world.backdrop import Backdrop
from samples.world.camera import NEAR, Camera, look, orthographic
from samples.world.gl import context
from samples.world.mesh import Floats
from samples.world.models import Model
from samples.world.scene import Light
from samples.world.visibility import FINE, Actor, Box, Seen, full_boxes, in_picture, outlines, sightings

SHADOWS = 1024
"""Width of the map of moving shadows."""
DEEP = 119.0
"""Metres that the map of moving shadows reaches along its view."""
OVERHEAD = (0.18, 0.1, 0.98)
"""Where light comes from without a sun: nearly straight from above."""
DIM = 0.5
"""Share of that light which a body takes from what is under it."""
SOFT = 0.12
"""Metres about which such a shadow is blurred."""


class Renderer:
    """Draws actors before the plates of one scene."""

    def __init__(self, backdrop: Backdrop, light: Light, width: int, height: int) -> None:
        self._gl = gl = context()
        self._backdrop, self._light, self._size = backdrop, light, (width, height)
        self._sunny = any(light.sunlight)
        fine = (width * FINE, height * FINE)
        self._colour = gl.texture(fine, 4, dtype="f2")
        self._colour.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._who = gl.renderbuffer(fine, 1)
        self._frame = gl.framebuffer([self._colour, self._who], gl.depth_renderbuffer(fine))
        self._blots = gl.texture((width, height), 1)
        self._blotted = gl.framebuffer([self._blots])
        self._out = gl.framebuffer([gl.renderbuffer((width, height), 4, dtype="f2")])
        self._moving = gl.depth_texture((SHADOWS, SHADOWS))
        self._moving.compare_func = "<="
        self._moving.repeat_x = self._moving.repeat_y = False
        self._cast = gl.framebuffer(depth_attachment=self._moving)
        self._drawing, self._casting = gl.program(*shaders.ACTOR), gl.program(*shaders.SHADOW)
        self._deepening, self._together = gl.program(*shaders.DEPTH), gl.program(*shaders.TOGETHER)
        self._spotting = gl.program(*shaders.SPOT)
        self._square = gl.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4").tobytes())
        self._deep = gl.vertex_array(self._deepening, [(self._square, "2f", "corner")])
        self._final = gl.vertex_array(self._together, [(self._square, "2f", "corner")])
        self._models: dict[int, Model] = {}
        self._plates: dict[str, _Shot] = {}
        self._sun_view = np.asarray(backdrop.sun_matrix, np.float64)
        self._set_light()

    def draw(self, camera: Camera, actors: Sequence[Actor]) -> tuple[Floats, list[Seen]]:
        """Draw what a camera sees.

        Returns:
            (H, W, 3) linear light, and where each `who` with an outline is seen, if it is seen at all.
        """
        gl, shot = self._gl, self._shot(camera)
        drawn = outlines(camera, actors)
        boxes = full_boxes(drawn)
        inside = [actor for actor in actors if actor.who not in boxes or in_picture(boxes[actor.who], camera)]
        moving_view, radius = self._shadows(actors, inside)
        back = np.linalg.inv(camera.matrix)
        self._blot(camera, shot, back, inside)
        self._frame.use()
        self._frame.clear(0, 0, 0, 0, depth=1.0)
        gl.enable_only(moderngl.DEPTH_TEST)
        self._deepen(shot, [boxes[actor.who] for actor in inside if actor.who in boxes])
        self._textures(shot)
        for name, matrix in (
            ("view", camera.matrix),
            ("sun_view", self._sun_view),
            ("moving_view", moving_view),
        ):
            _write(self._drawing, name, matrix.T)
        _write(self._drawing, "eye", np.asarray(camera.eye))
        self._drawing["slack"], self._drawing["spread"] = 6 * radius / SHADOWS / DEEP, SOFT / radius
        for actor in inside:
            self._one(self._drawing, actor, camera)
        self._out.use()
        gl.enable_only(moderngl.NOTHING)
        _write(self._together, "back", back.T)
        _write(self._together, "moving_view", moving_view.T)
        self._final.render(moderngl.TRIANGLE_STRIP)
        width, height = self._size
        raw = np.frombuffer(self._out.read(components=3, dtype="f2"), np.float16).reshape(height, width, 3)
        shown = np.frombuffer(self._frame.read(components=1, attachment=1), np.uint8)
        shown = shown.reshape(height * FINE, width * FINE)[::-1]
        return raw[::-1].astype(np.float32), sightings(shown, drawn, boxes, camera)

    def _shot(self, camera: Camera) -> _Shot:
        if camera.name not in self._plates:
            plate = self._backdrop.shoot(camera)
            self._plates[camera.name] = _Shot(
                self._still(plate.lit, "f2"),
                self._still(plate.shaded, "f2"),
                self._still(plate.depth[..., None], "f4"),
            )
        return self._plates[camera.name]

    def _still(self, pixels: NDArray[np.floating], kind: str) -> moderngl.Texture:
        data = np.ascontiguousarray(pixels[::-1], kind)
        texture = self._gl.texture((data.shape[1], data.shape[0]), data.shape[2], data.tobytes(), dtype=kind)
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        texture.repeat_x = texture.repeat_y = False
        return texture

    def _set_light(self) -> None:
        light, program = self._light, self._drawing
        for name in ("sun", "sunlight", "ambient", "sky"):
            _write(program, name, np.asarray(getattr(light, name)))
        lamps = np.zeros((8, 6), np.float32)
        lamps[: len(light.lamps)] = np.array(light.lamps).reshape(-1, 6)[:8]
        _write(program, "lamp_at", lamps[:, :3])
        _write(program, "lamp_light", lamps[:, 3:])
        program["lamps"] = min(8, len(light.lamps))
        program["haze"] = light.haze
        self._together["sunny"] = int(self._sunny)
        program["overhead"] = 0.0 if self._sunny else DIM

    def _textures(self, shot: _Shot) -> None:
        shot.depth.use(0)
        shot.lit.use(1)
        shot.shaded.use(2)
        self._blots.use(3)
        self._colour.use(4)
        self._moving.use(5)
        self._backdrop.sun_depth.use(6)
        for program, names in (
            (self._together, {"depth": 0, "lit": 1, "shaded": 2, "blots": 3, "actors": 4, "moving": 5}),
            (self._drawing, {"moving": 5, "still": 6, "sheets": 8}),
        ):
            for name, unit in names.items():
                program[name] = unit

    def _shadows(self, actors: Sequence[Actor], inside: Sequence[Actor]) -> tuple[NDArray[np.float64], float]:
        """Draw the view that the sun, or without one the sky overhead, has of what moves near those who are seen.

        Returns:
            (4, 4) that view, and how many metres it reaches to all sides.
        """
        places = np.array([actor.matrices[0, :, 3] for actor in inside]) if inside else np.zeros((1, 3))
        low, high = places.min(0), places.max(0)
        middle = (low + high) / 2
        radius = float(np.clip(np.linalg.norm((high - low)[:2]) / 2 + 4, 6, 30))
        sun = np.asarray(self._light.sun if self._sunny else OVERHEAD)
        view = orthographic(radius, 1, 1 + DEEP) @ look(
            tuple(middle + sun * 60), tuple(middle), (0.0, 1.0, 0.1)
        )
        self._cast.use()
        self._cast.clear(depth=1.0)
        self._gl.enable_only(moderngl.DEPTH_TEST)
        self._casting["sheets"] = 8
        _write(self._casting, "view", view.T)
        for actor in actors:
            if np.linalg.norm(actor.matrices[0, :2, 3] - middle[:2]) < radius * 1.3:
                self._one(self._casting, actor, None)
        return np.asarray(view), radius

    def _blot(self, camera: Camera, shot: _Shot, back: NDArray[np.floating], actors: Sequence[Actor]) -> None:
        """Darken the ground where feet and wheels touch it."""
        self._blotted.use()
        self._blotted.clear(1, 1, 1, 1)
        spots = [spot for actor in actors for spot in actor.spots]
        if not spots:
            return
        gl = self._gl
        gl.enable_only(moderngl.BLEND)
        gl.blend_func = moderngl.ZERO, moderngl.SRC_COLOR
        shot.depth.use(0)
        self._spotting["depth"], self._spotting["size"] = 0, self._size
        _write(self._spotting, "view", camera.matrix.T)
        _write(self._spotting, "back", back.T)
        data = gl.buffer(np.array(spots, "f4").tobytes())
        drawn = gl.vertex_array(self._spotting, [(self._square, "2f", "corner"), (data, "4f/i", "spot")])
        drawn.render(moderngl.TRIANGLE_STRIP, instances=len(spots))

    def _deepen(self, shot: _Shot, boxes: Sequence[Box]) -> None:
        """Lay the backdrop's depth where somebody may stand behind it."""
        width, height = self._size
        shot.depth.use(0)
        self._deepening["depth"] = 0
        self._gl.depth_func = "1"
        self._frame.color_mask = ((False,) * 4, (False,) * 4)  # type: ignore[assignment]  # one for each texture
        for left, top, right, bottom in boxes:
            x, y = max(0, int(left) - 12), max(0, int(height - bottom) - 12)
            wide, high = min(width, int(right) + 12) - x, min(height, int(height - top) + 12) - y
            if wide > 0 and high > 0:
                self._frame.scissor = (x * FINE, y * FINE, wide * FINE, high * FINE)
                self._deep.render(moderngl.TRIANGLE_STRIP)
        self._frame.color_mask = ((True,) * 4, (True,) * 4)  # type: ignore[assignment]
        self._frame.scissor = None  # type: ignore[assignment]
        self._gl.depth_func = "<"

    def _one(self, program: moderngl.Program, actor: Actor, camera: Camera | None) -> None:
        model = self._models.get(id(actor.part))
        if model is None:
            model = self._models[id(actor.part)] = Model(self._gl, actor.part, (self._drawing, self._casting))
        model.bend(actor.bent)
        model.texture.use(8)
        program["around"] = float(actor.part.mesh.round)
        lod = 2.0
        if camera is not None:
            away = max(float(np.linalg.norm(actor.matrices[0, :, 3] - np.asarray(camera.eye))), NEAR)
            pixels = camera.height * FINE / (2 * away * np.tan(np.radians(camera.field) / 2))
            lod = float(np.clip(np.log2(model.density / pixels) - 0.3, 0, 5))
            program["gloss"], program["actor"] = actor.part.gloss, (actor.who + 1) / 255
            program["lift"] = float(actor.part.mesh.round)
        program["lod"] = lod
        model.arrays[0 if program is self._drawing else 1].render()


@dataclass(frozen=True)
class _Shot:
    lit: moderngl.Texture
    shaded: moderngl.Texture
    depth: moderngl.Texture


def _write(program: moderngl.Program, name: str, value: NDArray[np.floating]) -> None:
    if name in program:
        program[name].write(np.ascontiguousarray(value, "f4").tobytes())  # type: ignore[union-attr]
