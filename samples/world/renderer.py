"""Renderer that draws people and vehicles over a backdrop, with lighting, shadows and mutual occlusion."""

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
from samples.world.visibility import (
    FINE,
    Actor,
    Box,
    VisibleActor,
    find_visible,
    full_boxes,
    in_picture,
    project_outlines,
)

SHADOWS = 1024
"""Width and height of the shadow map of moving objects, in pixels."""
DEEP = 119.0
"""Depth range of that shadow map in metres."""
OVERHEAD = (0.18, 0.1, 0.98)
"""Direction towards the light in scenes without a sun: nearly straight up."""
DIM = 0.5
"""Share of the overhead light that an object above blocks."""
SOFT = 0.12
"""Blur of the overhead shadows in metres."""


class Renderer:
    """Draw actors in front of the backdrop of one scene."""

    def __init__(self, backdrop: Backdrop, light: Light, width: int, height: int) -> None:
        """Compile the shaders and allocate the buffers for pictures of one size."""
        self._gl = gl = context()
        self._backdrop, self._light, self._size = backdrop, light, (width, height)
        self._sunny = any(light.sunlight)
        fine = (width * FINE, height * FINE)
        self._colour = gl.texture(fine, 4, dtype="f2")
        self._colour.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._owners = gl.renderbuffer(fine, 1)
        self._frame = gl.framebuffer([self._colour, self._owners], gl.depth_renderbuffer(fine))
        self._spots = gl.texture((width, height), 1)
        self._spot_frame = gl.framebuffer([self._spots])
        self._out = gl.framebuffer([gl.renderbuffer((width, height), 4, dtype="f2")])
        self._shadow_map = gl.depth_texture((SHADOWS, SHADOWS))
        self._shadow_map.compare_func = "<="
        self._shadow_map.repeat_x = self._shadow_map.repeat_y = False
        self._shadow_frame = gl.framebuffer(depth_attachment=self._shadow_map)
        self._actor_program, self._shadow_program = gl.program(*shaders.ACTOR), gl.program(*shaders.SHADOW)
        self._depth_program, self._composite_program = (
            gl.program(*shaders.DEPTH),
            gl.program(*shaders.COMPOSITE),
        )
        self._spot_program = gl.program(*shaders.SPOT)
        self._square = gl.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4").tobytes())
        self._depth_square = gl.vertex_array(self._depth_program, [(self._square, "2f", "corner")])
        self._composite_square = gl.vertex_array(self._composite_program, [(self._square, "2f", "corner")])
        self._models: dict[int, Model] = {}
        self._plates: dict[str, _PlateTextures] = {}
        self._sun_view = np.asarray(backdrop.sun_matrix, np.float64)
        self._set_light()

    def draw(self, camera: Camera, actors: Sequence[Actor]) -> tuple[Floats, list[VisibleActor]]:
        """Draw the view of a camera.

        Returns:
            (H, W, 3) linear light, and the visible people and vehicles by increasing owner. Owners without an outline
            are not listed.
        """
        gl, plate = self._gl, self._plate_textures(camera)
        outlines = project_outlines(camera, actors)
        boxes = full_boxes(outlines)
        inside = [
            actor for actor in actors if actor.owner not in boxes or in_picture(boxes[actor.owner], camera)
        ]
        moving_view, radius = self._draw_shadow_map(actors, inside)
        inverse_view = np.linalg.inv(camera.matrix)
        self._draw_spots(camera, plate, inverse_view, inside)
        self._frame.use()
        self._frame.clear(0, 0, 0, 0, depth=1.0)
        gl.enable_only(moderngl.DEPTH_TEST)
        self._draw_backdrop_depth(plate, [boxes[actor.owner] for actor in inside if actor.owner in boxes])
        self._bind_textures(plate)
        for name, matrix in (
            ("view", camera.matrix),
            ("sun_view", self._sun_view),
            ("moving_view", moving_view),
        ):
            _set_uniform(self._actor_program, name, matrix.T)
        _set_uniform(self._actor_program, "eye", np.asarray(camera.eye))
        self._actor_program["slack"] = 6 * radius / SHADOWS / DEEP
        self._actor_program["spread"] = SOFT / radius
        for actor in inside:
            self._draw_actor(self._actor_program, actor, camera)
        self._out.use()
        gl.enable_only(moderngl.NOTHING)
        _set_uniform(self._composite_program, "back", inverse_view.T)
        _set_uniform(self._composite_program, "moving_view", moving_view.T)
        self._composite_square.render(moderngl.TRIANGLE_STRIP)
        width, height = self._size
        raw = np.frombuffer(self._out.read(components=3, dtype="f2"), np.float16).reshape(height, width, 3)
        shown = np.frombuffer(self._frame.read(components=1, attachment=1), np.uint8)
        shown = shown.reshape(height * FINE, width * FINE)[::-1]
        return raw[::-1].astype(np.float32), find_visible(shown, outlines, boxes, camera)

    def _plate_textures(self, camera: Camera) -> _PlateTextures:
        """Return the textures of a camera's backdrop, drawn on the first call for that camera."""
        if camera.name not in self._plates:
            plate = self._backdrop.shoot(camera)
            self._plates[camera.name] = _PlateTextures(
                self._texture(plate.lit, "f2"),
                self._texture(plate.shaded, "f2"),
                self._texture(plate.depth[..., None], "f4"),
            )
        return self._plates[camera.name]

    def _texture(self, pixels: NDArray[np.floating], kind: str) -> moderngl.Texture:
        """Upload (h, w, c) pixels, row 0 at the top, as numbers of an OpenGL kind."""
        data = np.ascontiguousarray(pixels[::-1], kind)
        texture = self._gl.texture((data.shape[1], data.shape[0]), data.shape[2], data.tobytes(), dtype=kind)
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        texture.repeat_x = texture.repeat_y = False
        return texture

    def _set_light(self) -> None:
        """Set the uniforms that depend only on the scene's light."""
        light, program = self._light, self._actor_program
        for name in ("sun", "sunlight", "ambient", "sky"):
            _set_uniform(program, name, np.asarray(getattr(light, name)))
        lamps = np.zeros((8, 6), np.float32)
        lamps[: len(light.lamps)] = np.array(light.lamps).reshape(-1, 6)[:8]
        _set_uniform(program, "lamp_at", lamps[:, :3])
        _set_uniform(program, "lamp_light", lamps[:, 3:])
        program["lamps"] = min(8, len(light.lamps))
        program["haze"] = light.haze
        self._composite_program["sunny"] = int(self._sunny)
        program["overhead"] = 0.0 if self._sunny else DIM

    def _bind_textures(self, plate: _PlateTextures) -> None:
        """Bind all textures to the units from which the shaders read them."""
        plate.depth.use(0)
        plate.lit.use(1)
        plate.shaded.use(2)
        self._spots.use(3)
        self._colour.use(4)
        self._shadow_map.use(5)
        self._backdrop.sun_depth.use(6)
        composite_units = {"depth": 0, "lit": 1, "shaded": 2, "blots": 3, "actors": 4, "moving": 5}
        for program, names in (
            (self._composite_program, composite_units),
            (self._actor_program, {"moving": 5, "still": 6, "sheets": 8}),
        ):
            for name, unit in names.items():
                program[name] = unit

    def _draw_shadow_map(
        self, actors: Sequence[Actor], inside: Sequence[Actor]
    ) -> tuple[NDArray[np.float64], float]:
        """Draw the depth of the actors seen from the sun, or from overhead in scenes without a sun.

        Args:
            actors: All actors; those near the picture cast shadows into it.
            inside: The actors in the picture, on which the map is centred.

        Returns:
            The map's (4, 4) view matrix, and half its width in metres.
        """
        places = np.array([actor.matrices[0, :, 3] for actor in inside]) if inside else np.zeros((1, 3))
        low, high = places.min(0), places.max(0)
        middle = (low + high) / 2
        radius = float(np.clip(np.linalg.norm((high - low)[:2]) / 2 + 4, 6, 30))
        sun = np.asarray(self._light.sun if self._sunny else OVERHEAD)
        view = orthographic(radius, 1, 1 + DEEP) @ look(
            tuple(middle + sun * 60), tuple(middle), (0.0, 1.0, 0.1)
        )
        self._shadow_frame.use()
        self._shadow_frame.clear(depth=1.0)
        self._gl.enable_only(moderngl.DEPTH_TEST)
        self._shadow_program["sheets"] = 8
        _set_uniform(self._shadow_program, "view", view.T)
        for actor in actors:
            if np.linalg.norm(actor.matrices[0, :2, 3] - middle[:2]) < radius * 1.3:
                self._draw_actor(self._shadow_program, actor, None)
        return np.asarray(view), radius

    def _draw_spots(
        self,
        camera: Camera,
        plate: _PlateTextures,
        inverse_view: NDArray[np.floating],
        actors: Sequence[Actor],
    ) -> None:
        """Darken the ground under feet and wheels."""
        self._spot_frame.use()
        self._spot_frame.clear(1, 1, 1, 1)
        spots = [spot for actor in actors for spot in actor.spots]
        if not spots:
            return
        gl = self._gl
        gl.enable_only(moderngl.BLEND)
        gl.blend_func = moderngl.ZERO, moderngl.SRC_COLOR
        plate.depth.use(0)
        self._spot_program["depth"], self._spot_program["size"] = 0, self._size
        _set_uniform(self._spot_program, "view", camera.matrix.T)
        _set_uniform(self._spot_program, "back", inverse_view.T)
        data = gl.buffer(np.array(spots, "f4").tobytes())
        squares = gl.vertex_array(
            self._spot_program, [(self._square, "2f", "corner"), (data, "4f/i", "spot")]
        )
        squares.render(moderngl.TRIANGLE_STRIP, instances=len(spots))

    def _draw_backdrop_depth(self, plate: _PlateTextures, boxes: Sequence[Box]) -> None:
        """Copy the backdrop's depth into the frame within the boxes, so that it can occlude the actors there."""
        width, height = self._size
        plate.depth.use(0)
        self._depth_program["depth"] = 0
        self._gl.depth_func = "1"
        self._frame.color_mask = ((False,) * 4, (False,) * 4)  # type: ignore[assignment]  # one for each attachment
        for left, top, right, bottom in boxes:
            x, y = max(0, int(left) - 12), max(0, int(height - bottom) - 12)
            box_width = min(width, int(right) + 12) - x
            box_height = min(height, int(height - top) + 12) - y
            if box_width > 0 and box_height > 0:
                self._frame.scissor = (x * FINE, y * FINE, box_width * FINE, box_height * FINE)
                self._depth_square.render(moderngl.TRIANGLE_STRIP)
        self._frame.color_mask = ((True,) * 4, (True,) * 4)  # type: ignore[assignment]
        self._frame.scissor = None  # type: ignore[assignment]
        self._gl.depth_func = "<"

    def _draw_actor(self, program: moderngl.Program, actor: Actor, camera: Camera | None) -> None:
        """Draw one actor with the actor program, or without a camera with the shadow program."""
        model = self._models.get(id(actor.part))
        if model is None:
            programs = (self._actor_program, self._shadow_program)
            model = self._models[id(actor.part)] = Model(self._gl, actor.part, programs)
        model.bend(actor.bent)
        model.texture.use(8)
        program["around"] = float(actor.part.mesh.round)
        lod = 2.0
        if camera is not None:
            distance = max(float(np.linalg.norm(actor.matrices[0, :, 3] - np.asarray(camera.eye))), NEAR)
            pixels = camera.height * FINE / (2 * distance * np.tan(np.radians(camera.field) / 2))
            lod = float(np.clip(np.log2(model.density / pixels) - 0.3, 0, 5))
            program["gloss"], program["actor"] = actor.part.gloss, (actor.owner + 1) / 255
            program["lift"] = float(actor.part.mesh.round)
        program["lod"] = lod
        model.arrays[0 if program is self._actor_program else 1].render()


@dataclass(frozen=True)
class _PlateTextures:
    """The backdrop of one camera in the light, in the shade, and its depth."""

    lit: moderngl.Texture
    shaded: moderngl.Texture
    depth: moderngl.Texture


def _set_uniform(program: moderngl.Program, name: str, value: NDArray[np.floating]) -> None:
    """Set a uniform of a program; skip one that the shader compiler has dropped as unused."""
    if name in program:
        program[name].write(np.ascontiguousarray(value, "f4").tobytes())  # type: ignore[union-attr]
