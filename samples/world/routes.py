"""Shortest paths around obstacles for a walker of a given radius."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from samples.world.terrain import CELL, Points, Terrain

STEP = 3  # cells of the terrain between two nodes
MARGIN = 0.02  # metres of room beyond the radius
SPACING = 0.25  # metres between two points of a path


class Routes:
    """Cheapest paths over one terrain for one radius. The paths to each goal are computed once and kept."""

    def __init__(self, terrain: Terrain, radius: float, prices: Points, entrances: Points) -> None:
        """Build the graph of nodes.

        Args:
            terrain: The terrain.
            radius: Radius of the walker in metres.
            prices: (h, w) cost of a metre at each of `nodes(terrain)`, at least 1.
            entrances: (e, 2) places; the graph keeps only the part that most of them connect to.
        """
        self.terrain, self.radius, self.prices = terrain, radius, prices
        free = reachable(terrain, radius, entrances)
        self.places = nodes(terrain)[free]
        """(k, 2) places of the reachable nodes."""
        self._tree = cKDTree(self.places) if len(self.places) else None
        self._graph = graph(free, prices)
        self._trees: dict[int, tuple[Points, NDArray[np.int32]]] = {}

    def nearest(self, point: Points) -> tuple[int, float]:
        """Return the node nearest to a place and its distance; -1 and infinity if the graph is empty."""
        if self._tree is None:
            return -1, np.inf
        distance, node = self._tree.query(point)
        return int(node), float(distance)

    def costs(self, goal: Points) -> Points:
        """Return the (k,) cost from each node to a goal."""
        return self._paths_to(self.nearest(goal)[0])[0]

    def cost(self, place: Points, goal: Points) -> float:
        """Return the cost from a place to a goal: the length of the path in metres, where every price is 1."""
        return float(self.costs(goal)[self.nearest(place)[0]])

    def path(self, place: Points, goal: Points) -> Points:
        """Return the (m, 2) points of the path from a place to a goal, at most `SPACING` metres apart.

        If the goal has too little room, the path ends at the node nearest to it.
        """
        node, goal_node = self.nearest(place)[0], self.nearest(goal)[0]
        next_node = self._paths_to(goal_node)[1]
        chain = [node]
        while chain[-1] != goal_node and next_node[chain[-1]] >= 0:
            chain.append(int(next_node[chain[-1]]))
        points = [place[None], self.places[chain]]
        if self.nearest(goal)[1] < STEP * CELL and self.terrain.clearance(goal) >= self.radius:
            points.append(goal[None])
        return spaced(self.straightened(np.concatenate(points)))

    def straightened(self, points: Points) -> Points:
        """Return the path through (m, 2) points without those that a straight line can skip."""
        metres = np.hypot(*np.diff(points, axis=0).T)
        cost_until = np.concatenate([[0], np.cumsum(metres * self.price(points[1:]))])
        kept, last = [0], len(points) - 1
        while kept[-1] < last:
            near, far = kept[-1] + 1, last
            while near < far:  # bisection, because where a short line is blocked, a longer one seldom passes
                middle = (near + far + 1) // 2
                cost = cost_until[middle] - cost_until[kept[-1]]
                if self.is_straight(points[kept[-1]], points[middle], cost):
                    near = middle
                else:
                    far = middle - 1
            kept.append(near)
        return np.asarray(points[kept])

    def is_straight(self, start: Points, end: Points, cost: float) -> bool:
        """Return whether the straight line between two places has room and costs at most 1.05 times `cost`."""
        metres = float(np.hypot(*(end - start)))
        points = start + np.linspace(0, 1, int(metres / 0.15) + 2)[:, None] * (end - start)
        has_room = bool((self.terrain.clearance(points) >= self.radius + MARGIN / 2).all())
        return has_room and bool(metres * self.price(points).mean() <= 1.05 * cost)

    def price(self, points: Points) -> Points:
        """Return the (m,) cost of a metre at (m, 2) places."""
        column, row = ((points - self.terrain.corner) / (CELL * STEP)).astype(int).T
        height, width = self.prices.shape
        return np.asarray(self.prices[row.clip(0, height - 1), column.clip(0, width - 1)])

    def _paths_to(self, node: int) -> tuple[Points, NDArray[np.int32]]:
        """Return the (k,) costs from all nodes to one node, and the (k,) next nodes on the paths to it."""
        if node not in self._trees:
            costs, next_nodes = dijkstra(
                self._graph, directed=False, indices=[node], return_predecessors=True
            )
            self._trees[node] = costs[0], next_nodes[0]
        return self._trees[node]


def nodes(terrain: Terrain) -> Points:
    """Return the (h, w, 2) places of all nodes of a terrain, reachable or not."""
    height, width = terrain.room[1::STEP, 1::STEP].shape
    rows, columns = np.mgrid[:height, :width] * STEP + 1
    return np.asarray(terrain.corner + (np.stack([columns, rows], -1) + 0.5) * CELL)


def reachable(terrain: Terrain, radius: float, entrances: Points) -> NDArray[np.bool_]:
    """Return an (h, w) mask of the nodes that have room and lie in the connected piece with the most entrances."""
    free = terrain.room[1::STEP, 1::STEP] >= radius + MARGIN
    pieces, count = label(free, np.ones((3, 3)))
    cells = np.argwhere(free)
    if not count:
        return free
    nearest = cKDTree(nodes(terrain)[free]).query(entrances)[1]
    votes = np.bincount(pieces[tuple(cells[nearest].T)], minlength=count + 1)
    return np.asarray(pieces == votes.argmax())


def graph(free: NDArray[np.bool_], prices: Points) -> csr_matrix:
    """Return the (k, k) costs between each free node and its eight neighbours: their distance times the mean price."""
    number = np.where(free, np.cumsum(free).reshape(free.shape) - 1, -1)
    height, width = free.shape
    rows, columns, costs = [], [], []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        starts = (slice(0, height - down), slice(max(-right, 0), width - max(right, 0)))
        ends = (slice(down, height), slice(max(right, 0), width + min(right, 0)))
        both_free = free[starts] & free[ends]
        rows.append(number[starts][both_free])
        columns.append(number[ends][both_free])
        mean_price = (prices[starts] + prices[ends])[both_free] / 2
        costs.append(mean_price * np.hypot(down, right) * STEP * CELL)
    count = int(free.sum())
    return csr_matrix(
        (np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns))), (count, count)
    )


def spaced(points: Points) -> Points:
    """Return the (m, 2) corners of a line with points inserted, so that neighbours are at most `SPACING` apart."""
    pieces = [points[:1]]
    for start, end in pairwise(points):
        steps = max(1, int(np.ceil(np.hypot(*(end - start)) / SPACING)))
        pieces.append(start + np.arange(1, steps + 1)[:, None] / steps * (end - start))
    return np.concatenate(pieces)
