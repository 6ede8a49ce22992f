import numpy as np
import pytest

from samples.world.mesh import Mesh
from samples.world.shapes import X, Y, Z, box, lathe, mirrored, moved, ribbon, tube, turned, volume

BALL = [(np.sin(angle), np.cos(angle)) for angle in np.linspace(0, np.pi, 13)]
SOLIDS = {
    "box": (box((1, 2, 3)), 6.0),
    "rounded-box": (box((1, 2, 3), edge=0.1, steps=3), 6.0),
    "ball": (lathe(BALL, 24), 4 / 3 * np.pi),
    "tube": (tube([(0, 0, 0), (0, 0, 1), (0, 0, 2)], 0.5, 24), np.pi / 2),
    "ribbon": (ribbon([(0, 0, 0), (1, 0, 0), (2, 0, 0)], Z, 0.5, 0.1), 0.1),
}


@pytest.mark.parametrize(("mesh", "expected"), SOLIDS.values(), ids=SOLIDS.keys())
def test_a_solid_encloses_its_volume_with_its_outside_out(mesh: Mesh, expected: float) -> None:
    assert volume(mesh) == pytest.approx(expected, rel=0.06)
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-5)


def test_a_box_keeps_its_edges_and_a_ball_has_none() -> None:
    def bend(mesh: Mesh) -> float:
        """Find the least cosine between a face and the normals at its corners."""
        a, b, c = (mesh.points[mesh.faces[:, i]] for i in range(3))
        flat = np.cross(b - a, c - a)
        flat /= np.linalg.norm(flat, axis=1, keepdims=True)
        return float((mesh.normals[mesh.faces] * flat[:, None]).sum(axis=2).min())

    assert bend(box((1, 2, 3))) == pytest.approx(1)
    ball = lathe(BALL, 24)
    assert bend(ball) < 0.999
    assert (ball.normals * ball.points).sum(axis=1).min() > 0.98  # a ball's normal is its direction


@pytest.mark.parametrize(
    ("axis", "start", "end"),
    [
        pytest.param(Z, (1, 0, 0), (0, 1, 0), id="about-z-x-becomes-y"),
        pytest.param(X, (0, 1, 0), (0, 0, 1), id="about-x-y-becomes-z"),
        pytest.param(Y, (0, 0, 1), (1, 0, 0), id="about-y-z-becomes-x"),
    ],
)
def test_a_quarter_turn_goes_anticlockwise(
    axis: np.ndarray, start: tuple[float, ...], end: tuple[float, ...]
) -> None:
    middle = turned(box((0.1, 0.1, 0.1), start), axis, np.pi / 2).points
    assert np.allclose((middle.min(axis=0) + middle.max(axis=0)) / 2, end, atol=1e-6)


def test_a_mirrored_mesh_is_not_inside_out() -> None:
    there = moved(box((1, 1, 2), edge=0.1), (3, 0, 0))
    back = mirrored(there)
    assert back.points[:, 0].max() < 0
    assert volume(back) == pytest.approx(volume(there), rel=1e-5)
