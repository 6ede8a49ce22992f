"""Which way around the obstacles? Shortest ways for someone of a given width, straightened."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from samples.world.terrain import CELL, Points, Terrain

STEP = 3  # cells of the terrain between two knots
MARGIN = 0.02  # metres of room beyond the radius
SPACING = 0.25  # metres between two points of a way


class Routes:
    """Ways of least cost over one ground for one radius; the trees of ways to each goal are kept."""

    def __init__(self, terrain: Terrain, radius: float, dear: Points, entrances: Points) -> None:
        """Lay the net of knots.

        Args:
            terrain: the room there is.
            radius: metres that the walker needs.
            dear: (h, w) cost of a metre at each of `knots(terrain)`, 1 and more.
            entrances: (e, 2); only what can be reached from most of them counts.
        """
        self.terrain, self.radius, self.dear = terrain, radius, dear
        free = reachable(terrain, radius, entrances)
        self.places = knots(terrain)[free]
        """(k, 2) of the knots one can reach."""
        self._tree = cKDTree(self.places) if len(self.places) else None
        self._net = net(free, dear)
        self._ways: dict[int, tuple[Points, NDArray[np.int32]]] = {}

    def nearest(self, point: Points) -> tuple[int, float]:
        """Find the knot nearest to a place and how far it is; infinitely far where there is no knot."""
        if self._tree is None:
            return -1, np.inf
        far, knot = self._tree.query(point)
        return int(knot), float(far)

    def costs(self, goal: Points) -> Points:
        """(k,) cost from each knot to a goal."""
        return self._ways_to(self.nearest(goal)[0])[0]

    def cost(self, place: Points, goal: Points) -> float:
        """Cost from a place to a goal, which is the way's metres where nothing is dear."""
        return float(self.costs(goal)[self.nearest(place)[0]])

    def way(self, place: Points, goal: Points) -> Points:
        """Go from a place to a goal: (m, 2) points, `SPACING` apart; where the goal has no room, to a knot nearby."""
        knot, end = self.nearest(place)[0], self.nearest(goal)[0]
        before = self._ways_to(end)[1]
        chain = [knot]
        while chain[-1] != end and before[chain[-1]] >= 0:
            chain.append(int(before[chain[-1]]))
        way = [place[None], self.places[chain]]
        if self.nearest(goal)[1] < STEP * CELL and self.terrain.clearance(goal) >= self.radius:
            way.append(goal[None])
        return spaced(self.straightened(np.concatenate(way)))

    def straightened(self, points: Points) -> Points:
        """Pull (m, 2) neighbouring points tight: leave out those that a straight line can do without."""
        metres = np.hypot(*np.diff(points, axis=0).T)
        spent = np.concatenate([[0], np.cumsum(metres * self.price(points[1:]))])
        kept, last = [0], len(points) - 1
        while kept[-1] < last:
            near, far = kept[-1] + 1, last
            while near < far:  # halving: a longer line seldom passes where a shorter one does not
                middle = (near + far + 1) // 2
                if self.straight(points[kept[-1]], points[middle], spent[middle] - spent[kept[-1]]):
                    near = middle
                else:
                    far = middle - 1
            kept.append(near)
        return np.asarray(points[kept])

    def straight(self, start: Points, end: Points, cost: float) -> bool:
        """Say whether a straight line has room and costs no more than 5 % above a cost."""
        metres = float(np.hypot(*(end - start)))
        points = start + np.linspace(0, 1, int(metres / 0.15) + 2)[:, None] * (end - start)
        roomy = bool((self.terrain.clearance(points) >= self.radius + MARGIN / 2).all())
        return roomy and bool(metres * self.price(points).mean() <= 1.05 * cost)

    def price(self, points: Points) -> Points:
        """Cost of a metre at (m, 2) places."""
        column, row = ((points - self.terrain.corner) / (CELL * STEP)).astype(int).T
        height, width = self.dear.shape
        return np.asarray(self.dear[row.clip(0, height - 1), column.clip(0, width - 1)])

    def _ways_to(self, knot: int) -> tuple[Points, NDArray[np.int32]]:
        if knot not in self._ways:
            costs, before = dijkstra(self._net, directed=False, indices=[knot], return_predecessors=True)
            self._ways[knot] = costs[0], before[0]
        return self._ways[knot]


def knots(terrain: Terrain) -> Points:
    """(h, w, 2) places of all knots of a terrain."""
    height, width = terrain.room[1::STEP, 1::STEP].shape
    rows, columns = np.mgrid[:height, :width] * STEP + 1
    return np.asarray(terrain.corner + (np.stack([columns, rows], -1) + 0.5) * CELL)


def reachable(terrain: Terrain, radius: float, entrances: Points) -> NDArray[np.bool_]:
    """(h, w) whether a knot has room and hangs together with the most entrances."""
    free = terrain.room[1::STEP, 1::STEP] >= radius + MARGIN
    pieces, count = label(free, np.ones((3, 3)))
    places = np.argwhere(free)
    if not count:
        return free
    at = cKDTree(knots(terrain)[free]).query(entrances)[1]
    votes = np.bincount(pieces[tuple(places[at].T)], minlength=count + 1)
    return np.asarray(pieces == votes.argmax())


def net(free: NDArray[np.bool_], dear: Points) -> csr_matrix:
    """Join each free knot with its eight neighbours, at the metres between them times their mean price."""
    number = np.where(free, np.cumsum(free).reshape(free.shape) - 1, -1)
    height, width = free.shape
    rows, columns, costs = [], [], []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, height - down), slice(max(-right, 0), width - max(right, 0)))
        there = (slice(down, height), slice(max(right, 0), width + min(right, 0)))
        both = free[here] & free[there]
        rows.append(number[here][both])
        columns.append(number[there][both])
        costs.append((dear[here] + dear[there])[both] / 2 * np.hypot(down, right) * STEP * CELL)
    count = int(free.sum())
    return csr_matrix(
        (np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns))), (count, count)
    )


def spaced(points: Points) -> Points:
    """Put points at most `SPACING` apart along a line of (m, 2) corners; corners are kept."""
    pieces = [
        a + np.arange(1, steps + 1)[:, None] / steps * (b - a)
        for a, b in pairwise(points)
        for steps in [max(1, int(np.ceil(np.hypot(*(b - a)) / SPACING)))]
    ]
    return np.concatenate([points[:1], *pieces])
