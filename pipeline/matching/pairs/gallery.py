"""Gallery: the tracklets that are matched, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detectors.class_names import class_group
from pipeline.tracking.tracklets import Tracklet
from reid.ranking.distances import unit_vectors


@dataclass(frozen=True, eq=False)
class Gallery:
    """All tracklets that may be linked; arrays share their first axis, `n` tracklets.

    They are sorted by camera and track, so that no result depends on the order of the inputs.
    """

    cameras: NDArray[np.str_]
    """(n,) camera names."""
    tracks: NDArray[np.int64]
    """(n,) track numbers, unique within a camera."""
    kinds: NDArray[np.str_]
    """(n,) class names."""
    groups: NDArray[np.str_]
    """(n,) class groups; only tracklets of one group may be linked."""
    starts: NDArray[np.float64]
    """(n,) first sighting, in seconds on the shared timeline."""
    ends: NDArray[np.float64]
    """(n,) last sighting, in seconds."""
    first_boxes: NDArray[np.float32]
    """(n, 4) pixel corners of the first sighting."""
    last_boxes: NDArray[np.float32]
    """(n, 4) pixel corners of the last sighting."""
    means: NDArray[np.float32]
    """(n, d) mean embedding, rows of length 1."""
    prototypes: NDArray[np.float32]
    """(n, p, d) some clip embeddings, rows of length 1."""
    frame_sizes: NDArray[np.float32] | None = None
    """(n, 2) width and height of the camera's picture in pixels, NaN if unknown; None: unknown for all cameras."""

    def __post_init__(self) -> None:
        n, d = self.means.shape
        flat = (self.tracks, self.kinds, self.groups, self.starts, self.ends)
        if any(len(values) != n for values in (self.cameras, *flat, self.first_boxes, self.last_boxes)):
            raise ValueError("a gallery's arrays must share their first axis")
        if self.prototypes.shape[0] != n or self.prototypes.shape[2] != d:
            raise ValueError(f"expected (n, p, d) prototypes, got {self.prototypes.shape}")
        keys = self.keys
        if keys != sorted(set(keys)):
            raise ValueError("a gallery's tracklets must be sorted by camera and track, without duplicates")
        for vectors in (self.means, self.prototypes):
            if not np.allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-3):
                raise ValueError("a gallery's embeddings must be finite and of length 1")

    def __len__(self) -> int:
        return len(self.tracks)

    @property
    def keys(self) -> list[tuple[str, int]]:
        """Key (camera and track) of each tracklet."""
        return list(zip(self.cameras.tolist(), self.tracks.tolist(), strict=True))

    def label(self, index: int) -> str:
        """Return the name of a tracklet, as in "gate/7"."""
        return f"{self.cameras[index]}/{self.tracks[index]}"


def build_gallery(
    tracklets: Sequence[Tracklet],
    embeddings: Sequence[NDArray[np.float32]],
    *,
    weights: Sequence[NDArray[np.float32]],
    prototypes: int,
) -> Gallery:
    """Build a gallery from tracklets and the embeddings of their clips.

    Args:
        tracklets: n tracklets in any order.
        embeddings: (k, d) embeddings of the clips of each tracklet in time order, k >= 1.
        weights: (k,) weights of the clips of each tracklet.
        prototypes: number of clip embeddings to keep of each tracklet.

    Returns:
        The gallery, sorted by camera and track.

    Raises:
        ValueError: the three sequences differ in length.
    """
    if not len(tracklets) == len(embeddings) == len(weights):
        raise ValueError(f"{len(tracklets)} tracklets, {len(embeddings)} embeddings, {len(weights)} weights")
    order = sorted(range(len(tracklets)), key=lambda i: (tracklets[i].camera, tracklets[i].track))
    members = [tracklets[i] for i in order]
    clips = [(unit_vectors(embeddings[i]), weights[i]) for i in order]
    d = clips[0][0].shape[1] if clips else 1
    means = [weighted_mean(vectors, worth) for vectors, worth in clips]
    chosen = [vectors[choose_prototypes(worth, prototypes)] for vectors, worth in clips]
    return Gallery(
        cameras=np.array([t.camera for t in members], np.str_),
        tracks=np.array([t.track for t in members], np.int64),
        kinds=np.array([t.kind for t in members], np.str_),
        groups=np.array([class_group(t.kind) for t in members], np.str_),
        starts=np.array([t.span[0] for t in members], np.float64),
        ends=np.array([t.span[1] for t in members], np.float64),
        first_boxes=np.array([t.boxes[0] for t in members], np.float32).reshape(-1, 4),
        last_boxes=np.array([t.boxes[-1] for t in members], np.float32).reshape(-1, 4),
        means=np.array(means, np.float32).reshape(-1, d),
        prototypes=np.array(chosen, np.float32).reshape(-1, prototypes, d),
        frame_sizes=np.array([t.picture for t in members], np.float32).reshape(-1, 2),
    )


def weighted_mean(clips: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of (k, d) unit vectors by (k,) weights, or the plain mean if all weights are 0; (d,) of length 1."""
    worth = weights if weights.sum() > 0 else np.ones_like(weights)
    return unit_vectors(np.average(clips, axis=0, weights=worth))


def choose_prototypes(weights: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Choose the clip of the highest weight in each of `count` equal parts of a tracklet.

    The parts keep different views of the object, and the weights keep out the worst pictures, which a choice of
    the most different clips would collect. If there are fewer clips than parts, clips are repeated.

    Args:
        weights: (k,) weights of the clips in time order, k >= 1.
        count: number of clips to choose.

    Returns:
        (count,) indices of clips.

    >>> choose_prototypes(np.array([0.1, 0.9, 0.5, 0.4], np.float32), 2).tolist()
    [1, 2]
    >>> choose_prototypes(np.array([0.1, 0.9], np.float32), 4).tolist()
    [0, 1, 0, 1]
    """
    k = len(weights)
    if k <= count:
        return np.arange(count) % k
    edges = np.linspace(0, k, count + 1).astype(np.intp)
    return np.array([low + weights[low:high].argmax() for low, high in pairwise(edges)], np.intp)
