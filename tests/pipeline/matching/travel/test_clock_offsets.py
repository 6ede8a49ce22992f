"""By how much clocks differ, where that can be known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.travel.clock_offsets import Flow, Proposal, Vote, closest_half, estimate_offsets
from pipeline.plots.clock_offsets import draw_offsets
from pipeline.tracking.tracklets import Tracklet

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLACES = {"a": 0.0, "b": 30.0, "c": 50.0}
"""Seconds along a straight way."""


def visit(camera: str, person: int, middle: float, length: float, step: float) -> Tracklet:
    """Somebody 40 pixels high who moves `step` pixels to the right."""
    boxes = np.array([[x, 0, x + 20, 40] for x in (200, 200 + step)], np.float32)
    seconds = np.array([middle - length / 2, middle + length / 2])
    ones = np.ones(2, np.float32)
    return Tracklet(camera, person, "person", np.arange(2), seconds, boxes, ones, ones)


def passed(
    errors: dict[str, float],
    *,
    seed: int = 0,
    people: int = 40,
    back: float = 0.5,
    way: float = 1.0,
    step: float = 100,
    wrong: float = 0.1,
) -> tuple[Gallery, NDArray[np.intp]]:
    """People walk along the cameras, a share of them back; c sees all mirrored; some links are wrong."""
    rng = np.random.default_rng(seed)
    tracklets = []
    for person in range(people):
        forth = -1 if rng.random() < back else 1
        began, pace = rng.uniform(0, 1200), rng.lognormal(0, 0.15)
        for camera, error in errors.items():
            middle = began + forth * way * PLACES[camera] * pace + rng.normal(0, 0.3)
            side = -step if camera == "c" else step
            tracklets.append(visit(camera, person, middle - error, rng.uniform(5, 15), forth * side))
    gallery = build_gallery(
        tracklets,
        [np.ones((1, 1), np.float32)] * len(tracklets),
        weights=[np.ones(1, np.float32)] * len(tracklets),
        prototypes=1,
    )
    places = np.arange(len(errors) * people).reshape(len(errors), people)
    swapped = rng.random(people) < wrong
    places[1, swapped] = rng.permutation(places[1, swapped])
    pairs = [places[[one, other]].T for one in range(len(errors)) for other in range(one + 1, len(errors))]
    return gallery, np.concatenate(pairs)


def unknown(names: str, *known: str) -> CameraSet:
    return CameraSet(
        tuple(Camera(name, Recording((Path(f"{name}.mp4"),)), offset_known=name in known) for name in names)
    )


@pytest.mark.parametrize("way", [0.0, 1.0], ids=["views-of-one-place", "30-s-apart"])
@pytest.mark.parametrize("error", [7.3, -3600.0])
def test_people_who_go_both_ways_tell_the_clocks_difference(way: float, error: float) -> None:
    for seed in range(5):
        gallery, links = passed({"a": 0.0, "b": error}, seed=seed, way=way)
        proposal = estimate_offsets(gallery, links, unknown("ab"))
        vote = proposal.votes[0]
        assert proposal.offsets == {"a": 0.0, "b": vote.offset}
        assert abs(proposal.offsets["b"] - error) < 4 * vote.error < (0.8 if way == 0 else 8)
        assert f"add {vote.offset:.2f} s to b" in proposal.sentences[0]


@pytest.mark.parametrize(
    ("world", "why"),
    [
        pytest.param({"back": 0.0}, "travel time and clocks cannot be told apart", id="one-way"),
        pytest.param({"people": 6}, "5 are needed each way", id="too-few"),
        pytest.param({"step": 10.0}, "Too few links have a clear direction", id="all-stand"),
        pytest.param({"wrong": 1.0}, "no better than those of random pairs", id="wrong-links"),
    ],
)
def test_what_cannot_be_known_is_not_guessed(world: dict[str, float], why: str) -> None:
    gallery, links = passed({"a": 0.0, "b": 7.3}, **world)  # type: ignore[arg-type]
    proposal = estimate_offsets(gallery, links, unknown("ab"))
    assert not proposal.offsets
    assert why in proposal.sentences[0]
    assert proposal.applied() == proposal.cameras
    assert "cannot be known" in proposal.fragment


def test_one_way_through_views_of_one_place_the_user_is_told_what_to_add() -> None:
    gallery, links = passed({"a": 0.0, "b": 7.0}, back=0.0, way=0.0, wrong=0.0)
    assert "add 7.0 s to b" in estimate_offsets(gallery, links, unknown("ab")).sentences[0]


def test_known_clocks_stay_and_the_others_are_set_by_them() -> None:
    gallery, links = passed({"a": 2.0, "b": 5.0, "c": -4.0}, way=0.0)
    proposal = estimate_offsets(gallery, links, unknown("abc", "b"))
    assert {name: round(offset) for name, offset in proposal.offsets.items()} == {"a": -3, "b": 0, "c": -9}
    cameras = tomllib.loads(proposal.fragment)["camera"]
    assert [camera["offset"] for camera in cameras] == pytest.approx(
        list(map(proposal.offsets.get, "abc")), abs=1e-3
    )
    assert [camera.offset for camera in proposal.applied().cameras] == list(map(proposal.offsets.get, "abc"))
    assert all(camera.offset_known for camera in proposal.applied().cameras)


def test_estimating_again_with_the_offsets_applied_changes_little() -> None:
    gallery, links = passed({"a": 0.0, "b": 6.0}, way=0.0)
    offset = estimate_offsets(gallery, links, unknown("ab")).offsets["b"]
    again, same_links = passed({"a": 0.0, "b": 6.0 - offset}, way=0.0)
    cameras = CameraSet(
        (
            Camera("a", Recording((Path("a"),)), offset_known=True),
            Camera("b", Recording((Path("b"),)), offset=offset),
        )
    )
    assert estimate_offsets(again, same_links, cameras).offsets["b"] == pytest.approx(offset, abs=1e-6)


def test_a_pair_that_contradicts_the_others_is_named() -> None:
    flow = Flow(np.full(9, 5.0), centre=5.0, spread=0.1, chance=90.0, sure=True, error=0.1)
    votes = tuple(Vote(names, flow, flow, 0) for names in (("a", "b"), ("a", "c")))
    said = Proposal(unknown("abc"), {"a": 0.0, "b": -5.0, "c": -8.0}, votes).sentences
    assert said[2:] == ["a and c: the links of other cameras contradict this by 3.0 s."]


def test_no_links_are_no_evidence() -> None:
    gallery, _ = passed({"a": 0.0, "b": 7.3})
    proposal = estimate_offsets(gallery, np.empty((0, 2), np.intp), unknown("ab"))
    assert not proposal.offsets
    assert "0 links" in proposal.sentences[0]


def test_the_order_of_links_makes_no_difference() -> None:
    gallery, links = passed({"a": 0.0, "b": 7.3})
    one, other = (estimate_offsets(gallery, order, unknown("ab")) for order in (links, links[::-1, ::-1]))
    assert one.offsets == other.offsets
    assert one.sentences == other.sentences


@pytest.mark.parametrize(
    ("values", "found"),
    [([1, 1, 1], (1, 0)), ([0, 10, 11, 12, 99], (11, 1)), ([0, 1, 50, 51, 52], (51, 1)), ([3, 5], (4, 1))],
)
def test_the_closest_half(values: list[float], found: tuple[float, float]) -> None:
    assert closest_half(np.array(values, np.float64)) == found


def test_the_evidence_is_drawn(tmp_path: Path) -> None:
    def size(proposal: Proposal) -> tuple[int, int]:
        draw_offsets(proposal, tmp_path / "o.png")
        with Image.open(tmp_path / "o.png") as image:
            return image.size

    gallery, links = passed({"a": 0.0, "b": 7.3, "c": 1.0})
    assert size(estimate_offsets(gallery, links, unknown("abc"))) == (1080, 280)
    assert size(estimate_offsets(gallery, links[:0], unknown("abc"))) == (600, 150)
