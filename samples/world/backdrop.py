"""Rendered background of each camera: the static scenery lit by sun, sky and lamps, without people or vehicles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import moderngl
import numpy as np
from numpy.typing import NDArray

from samples.world import backdrop_shaders as shaders
from samples.world.camera import Camera, Matrix, look, orthographic
from samples.world.gl import context
from samples.world.scene import Scene
from samples.world.scenes.surfaces import noise

Buffers = dict[str, tuple[moderngl.Buffer, str]]
SUN_SIDE, TILES_SIDE = 4096, 6 * 682
"""Sides in pixels of the shadow map of the sun, and of the 6 x 6 shadow maps of the sky."""
TILES = 36
"""Number of directions of the sky."""
CORNERS = np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)], np.float32)
BOUNCE = {"plaza": 0.25, "street": 0.3, "corridor": 0.42, "carpark": 0.22}
"""Share of the ambient light that reaches surfaces hidden from the sky."""
INPUTS = (("in_point",), ("in_point", "in_paint", "in_sheet"))
"""Vertex attributes of the shadow programs for triangles without and with holes."""
CLOUDS = {"day": 0.3, "overcast": 1.0, "dusk": 0.5, "rain": 1.0, "glare": 0.3}
"""Cloud cover by weather."""


@dataclass(frozen=True)
class Plate:
    """A rendered background without people or vehicles."""

    lit: NDArray[np.float16]
    """(H, W, 3) linear light."""
    shaded: NDArray[np.float16]
    """(H, W, 3) linear light without direct sun."""
    depth: NDArray[np.float32]
    """(2H, 2W) window depth in [0, 1]; row 0 is the top of the image."""


class Backdrop:
    """The scenery of a scene on the GPU, with its shadow maps."""

    def __init__(self, scene: Scene) -> None:
        """Upload the scenery and draw its depth as seen from the sun and from 36 directions of the sky.

        Raises:
            WorldError: OpenGL is not available.
        """
        self.scene = scene
        self.gl = context()
        self.sheets = self._sheets()
        self._solid, self._holed = self._program(shaders.SOLID), self._program(shaders.HOLED)
        self._shadows = [self._program(shaders.SOLID_SHADOW), self._program(shaders.HOLED_SHADOW)]
        self._openness, self._light = self._program(shaders.OPENNESS), self._program(shaders.LIGHT)
        self._holes = self._hole_sheets()
        self._without_holes, self._with_holes, self._casters = self._scenery()
        self._grain = self._noise()
        self._frame = self.gl.buffer(CORNERS.tobytes())
        middle, radius = surroundings(scene)
        self.sun_matrix = parallel(scene.light.sun, middle, radius)
        self.sun_depth = self._depth_map(SUN_SIDE)
        self._cast(self.sun_depth, [self.sun_matrix], 1)
        self._sky_directions = sky_directions()
        self._tile_matrices = [parallel(direction, middle, radius) for direction in self._sky_directions]
        self._tiles = self._depth_map(TILES_SIDE)
        self._cast(self._tiles, self._tile_matrices, 6)

    def shoot(self, camera: Camera) -> Plate:
        """Render the background of a camera at twice its size and average it down."""
        width, height = camera.width * 2, camera.height * 2
        mirror = self._mirrored(camera)
        surface, facing, depth = self._draw(camera.matrix, width, height, lowest=-1e3)
        lit, shaded = self._apply_light(camera, camera.matrix, (surface, facing, depth), mirror)
        pixels = [averaged(texture.read(), height, width) for texture in (lit, shaded)]
        window = np.frombuffer(depth.read(), np.float32).reshape(height, width)[::-1].copy()
        for texture in (mirror, surface, facing, depth, lit, shaded):
            texture.release()
        return Plate(pixels[0], pixels[1], window)

    def _mirrored(self, camera: Camera) -> moderngl.Texture:
        """Return the (H, W) reflection that a camera sees in shiny level ground; black if the ground does not shine."""
        blank = self.gl.texture((1, 1), 3, np.zeros(3, np.float16).tobytes(), dtype="f2")
        if self.scene.light.wet == 0 and self.scene.kind != "corridor":
            return blank
        matrix = camera.matrix @ np.diag([1.0, 1, -1, 1])
        maps = self._draw(matrix, camera.width, camera.height, lowest=0.02)
        under_ground = replace(camera, eye=(camera.eye[0], camera.eye[1], -camera.eye[2]))
        lit, shaded = self._apply_light(under_ground, matrix, maps, blank)
        for texture in (*maps, shaded, blank):
            texture.release()
        lit.repeat_x = lit.repeat_y = False
        return lit

    def _draw(
        self, matrix: Matrix, width: int, height: int, *, lowest: float
    ) -> tuple[moderngl.Texture, moderngl.Texture, moderngl.Texture]:
        """Return three maps of everything above `lowest` metres: colour and gloss, normal and glow, depth."""
        surface, facing = (self.gl.texture((width, height), 4, dtype="f2") for _ in range(2))
        depth = self.gl.depth_texture((width, height))
        depth.compare_func = ""
        frame = self.gl.framebuffer([surface, facing], depth)
        frame.use()
        frame.clear(depth=1.0)
        self.gl.enable_only(moderngl.DEPTH_TEST)
        self.sheets.use(0)
        names = ("in_point", "in_normal", "in_paint", "in_sheet")
        for program, buffers in (
            (self._solid if lowest < 0 else self._holed, self._without_holes),
            (self._holed, self._with_holes),
        ):
            assign(program, {"matrix": packed(matrix), "lowest": np.float32(lowest).tobytes()})
            self._draw_triangles(program, buffers, names)
        frame.release()
        return surface, facing, depth

    def _apply_light(
        self, camera: Camera, matrix: Matrix, maps: tuple[moderngl.Texture, ...], mirror: moderngl.Texture
    ) -> tuple[moderngl.Texture, moderngl.Texture]:
        """Return two images of the drawn maps: lit with direct sun, and without it."""
        size = maps[0].size
        for texture in maps:
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        openness = self.gl.texture((size[0] // 2, size[1] // 2), 1, dtype="f2")
        inverse = np.asarray(np.linalg.inv(matrix), np.float64)
        tiles = np.stack([tile_matrix.T for tile_matrix in self._tile_matrices]).astype(np.float32)
        assign(self._openness, {"inverse_matrix": packed(inverse), "tile_matrices": tiles.tobytes(),
                                "directions": self._sky_directions.astype(np.float32).tobytes()})  # fmt: skip
        named_maps = dict(zip(("surface_map", "facing_map", "depth_map"), maps, strict=True))
        self._shade_pixels(self._openness, [openness], {**named_maps, "tiles": self._tiles})
        outputs = [self.gl.texture(size, 3, dtype="f2") for _ in range(2)]
        self._set_light(camera, inverse)
        textures = {
            **named_maps,
            "openness_map": openness,
            "mirrored": mirror,
            "grain": self._grain,
            "sun_depth": self.sun_depth,
        }
        self._shade_pixels(self._light, outputs, textures)
        openness.release()
        return outputs[0], outputs[1]

    def _set_light(self, camera: Camera, inverse: Matrix) -> None:
        """Set the uniforms of the light program for a camera."""
        light = self.scene.light
        lamps = np.zeros((8, 6), np.float32)
        lamps[: len(light.lamps)] = np.reshape(light.lamps, (-1, 6))
        uniforms = {
            "eye": camera.eye, "sun": light.sun, "sunlight": light.sunlight, "ambient": light.ambient, "sky": light.sky,
            "haze": light.haze, "wet": light.wet, "bounce": BOUNCE[self.scene.kind], "clouds": CLOUDS[self.scene.weather],
            "mirror": float(light.wet > 0 or self.scene.kind == "corridor"),
            "lamp_places": lamps[:, :3], "lamp_colours": lamps[:, 3:],
        }  # fmt: skip
        assign(
            self._light, {name: np.asarray(value, np.float32).tobytes() for name, value in uniforms.items()}
        )
        assign(self._light, {"inverse_matrix": packed(inverse), "sun_matrix": packed(self.sun_matrix)})
        self._light["lamps"] = len(light.lamps)

    def _shade_pixels(
        self,
        program: moderngl.Program,
        outputs: list[moderngl.Texture],
        textures: dict[str, moderngl.Texture],
    ) -> None:
        """Run a fragment program on every pixel of the outputs."""
        for unit, (name, texture) in enumerate(textures.items()):
            if name in program:
                program[name] = unit
                texture.use(unit)
        frame = self.gl.framebuffer(outputs)
        frame.use()
        self.gl.enable_only(moderngl.NOTHING)
        corners = self.gl.vertex_array(program, [(self._frame, "2f", "in_corner")])
        corners.render(moderngl.TRIANGLE_STRIP)
        corners.release()
        frame.release()

    def _cast(self, depth: moderngl.Texture, matrices: list[Matrix], across: int) -> None:
        """Draw the depth of the scenery along parallel rays: one tile per matrix, `across` tiles per row."""
        frame = self.gl.framebuffer(depth_attachment=depth)
        frame.use()
        frame.clear(depth=1.0)
        self.gl.enable_only(moderngl.DEPTH_TEST)
        self._holes.use(0)
        side = depth.size[0] // across
        for number, matrix in enumerate(matrices):
            frame.viewport = (
                number % across * depth.size[0] // across,
                number // across * depth.size[1] // across,
                side,
                side,
            )
            for program, buffers, names in zip(
                self._shadows, (self._casters, self._with_holes), INPUTS, strict=True
            ):
                assign(program, {"matrix": packed(matrix)})
                self._draw_triangles(program, buffers, names)
        frame.release()

    def _draw_triangles(self, program: moderngl.Program, buffers: Buffers, names: tuple[str, ...]) -> None:
        """Draw the triangles of the buffers, which may be empty, with the named attributes."""
        if not buffers:
            return
        content = [(*buffers[name], name) for name in names]
        vertices = self.gl.vertex_array(program, content)
        vertices.render(moderngl.TRIANGLES)
        vertices.release()

    def _scenery(self) -> tuple[Buffers, Buffers, Buffers]:
        """Upload the triangles without holes, those with holes, and those without holes that cast shadows."""
        scenery = self.scene.scenery
        with_holes = np.asarray((scenery.sheets[:, ::4, ::4, 3] < 128).any(axis=(1, 2)))
        holed = with_holes[scenery.materials]
        # triangles on the ground cast no shadow; a ceiling would shade everything
        heights = scenery.points[:, 2].reshape(-1, 3)
        raised = np.repeat(
            (heights.max(axis=1) > 0.03) & ~((self.scene.kind == "corridor") & (heights.min(axis=1) > 2.5)), 3
        )
        return self._uploaded(~holed), self._uploaded(holed), self._uploaded(~holed & raised)

    def _uploaded(self, chosen: NDArray[np.bool_]) -> Buffers:
        """Return buffers of the chosen corners of triangles; empty if there are none."""
        scenery = self.scene.scenery
        arrays = {
            "in_point": (scenery.points, "3f"), "in_normal": (scenery.normals, "3f"), "in_paint": (scenery.paint, "2f"),
            "in_sheet": (scenery.materials, "1i"),
        }  # fmt: skip
        if not chosen.any():
            return {}
        return {
            name: (self.gl.buffer(array[chosen].tobytes()), layout)
            for name, (array, layout) in arrays.items()
        }

    def _hole_sheets(self) -> moderngl.TextureArray:
        """Upload the alpha of the sheets at a quarter of their size, which is enough for shadows."""
        alpha = self.scene.scenery.sheets[:, 2::4, 2::4, 3]
        count, height, width = alpha.shape
        texture = self.gl.texture_array((width, height, count), 1, np.ascontiguousarray(alpha).tobytes())
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return texture

    def _sheets(self) -> moderngl.TextureArray:
        """Upload the sheets of all materials."""
        sheets = self.scene.scenery.sheets
        count, height, width, _ = sheets.shape
        texture = self.gl.texture_array((width, height, count), 4, np.ascontiguousarray(sheets).tobytes())
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        texture.anisotropy = 4.0
        return texture

    def _noise(self) -> moderngl.Texture:
        """Upload the noise that varies surfaces and clouds."""
        values = (noise(np.random.default_rng(0), 8, 6) * 0.27 + 0.5).clip(0, 1)
        texture = self.gl.texture(values.shape, 1, (values * 255).astype(np.uint8).tobytes())
        texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        return texture

    def _program(self, sources: tuple[str, str]) -> moderngl.Program:
        """Compile a vertex and a fragment shader."""
        return self.gl.program(vertex_shader=sources[0], fragment_shader=sources[1])

    def _depth_map(self, side: int) -> moderngl.Texture:
        """Return an empty square depth texture that shaders compare depths with."""
        depth = self.gl.depth_texture((side, side))
        depth.compare_func = "<="
        depth.filter = (moderngl.LINEAR, moderngl.LINEAR)
        depth.repeat_x = depth.repeat_y = False
        return depth


def packed(matrix: Matrix) -> bytes:
    """Return the bytes of a matrix column by column, as OpenGL reads it."""
    return bytes(matrix.T.astype(np.float32).tobytes())


def assign(program: moderngl.Program, values: dict[str, bytes]) -> None:
    """Write uniforms; skip those that the compiler dropped because they change nothing."""
    for name, value in values.items():
        uniform = program.get(name, None)
        if isinstance(uniform, moderngl.Uniform):
            uniform.write(value)


def averaged(data: bytes, height: int, width: int) -> NDArray[np.float16]:
    """Return the (height / 2, width / 2, 3) averages of 2 x 2 pixels; the data begin with the lowest row."""
    pixels = np.frombuffer(data, np.float16).reshape(height, width, 3)[::-1]
    quads = np.minimum(pixels, 12).astype(np.float32).reshape(height // 2, 2, width // 2, 2, 3)
    return np.asarray(quads.mean(axis=(1, 3)), np.float16)


def surroundings(scene: Scene) -> tuple[NDArray[np.float64], float]:
    """Return the centre and radius of a ball around the cameras and the ground up to 34 m in front of them."""
    eyes = np.array([camera.eye[:2] for camera in scene.cameras])
    ahead = np.array([camera.target[:2] for camera in scene.cameras]) - eyes
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    places = np.concatenate([eyes, eyes + 34 * ahead])
    low, high = places.min(axis=0) - 8, places.max(axis=0) + 8
    return np.append((low + high) / 2, 4.0), float(np.hypot(high[0] - low[0], high[1] - low[1]) / 2)


def parallel(
    direction: tuple[float, ...] | NDArray[np.float64], middle: NDArray[np.float64], radius: float
) -> Matrix:
    """Return the (4, 4) projection of a ball along parallel light from `direction`."""
    far = 100.0
    eye = middle + np.asarray(direction) * far
    up = (0.0, 0, 1) if abs(direction[2]) < 0.99 else (0.0, 1, 0)
    return orthographic(radius, far - radius - 40, far + radius + 20) @ look(tuple(eye), tuple(middle), up)


def sky_directions() -> NDArray[np.float64]:
    """Return (36, 3) directions spread over the upper half of a sphere by the golden angle."""
    step = np.arange(TILES) + 0.5
    up = 1 - step / TILES * 0.93
    angle = step * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - up**2)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), up], axis=1)
