"""Queries are scored as matching scores pairs, against tracklets of their own class group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RunError
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.pairs.appearance import appearance_scores, score_gallery
from pipeline.matching.pairs.gallery import Gallery
from pipeline.results.galleries import SavedGallery, SavedNetwork
from pipeline.results.records import FinishedRun, IdentityRecord, MatchRecord, Records, TrackletRecord
from pipeline.search.query import Query, query_of_tracklet
from pipeline.search.ranking import rank_tracklets, score_against_gallery
from reid.ranking.distances import unit_vectors
from tests.runs import run_record

NETWORK = SavedNetwork("everything", "file", "abc", "fgreid", None, 2, 1)
CONFIG = MatchingConfig(threshold=Chosen(0.6), stitch_threshold=Chosen(0.9), top=1)


def run_of(
    angles: dict[tuple[str, int], tuple[str, float]], *, folder: str = "run", network: SavedNetwork = NETWORK
) -> FinishedRun:
    """A run whose embeddings are directions in degrees, given by camera and track with a class."""
    keys = sorted(angles)
    kinds = [angles[key][0] for key in keys]
    radians = np.radians([angles[key][1] for key in keys])
    vectors = np.stack([np.cos(radians), np.sin(radians)], axis=-1).reshape(-1, 2).astype(np.float32)
    n = len(keys)
    gallery = Gallery(
        cameras=np.array([camera for camera, _ in keys], np.str_),
        tracks=np.array([track for _, track in keys], np.int64),
        kinds=np.array(kinds, np.str_),
        groups=np.array(["vehicle" if kind == "car" else kind for kind in kinds], np.str_),
        starts=np.arange(0.0, 2 * n, 2),
        ends=np.arange(1.0, 2 * n + 1, 2),
        first_boxes=np.zeros((n, 4), np.float32),
        last_boxes=np.zeros((n, 4), np.float32),
        means=vectors,
        prototypes=vectors[:, None],
    )
    return with_gallery(Path(folder), CONFIG, SavedGallery(network, gallery, np.arange(1, n + 1)))


def with_gallery(folder: Path, config: MatchingConfig, gallery: SavedGallery) -> FinishedRun:
    run = FinishedRun(
        folder,
        run_record(matching={"everything": config}),
        Records(TrackletRecord, ()),
        Records(IdentityRecord, ()),
        Records(MatchRecord, ()),
    )
    vars(run)["galleries"] = (gallery,)  # as if it were read already
    return run


def with_config(run: FinishedRun, config: MatchingConfig) -> FinishedRun:
    return with_gallery(run.folder, config, run.galleries[0])


def looking(degrees: float, kind: str = "person") -> Query:
    vector = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)
    return Query(kind, vector, vector[None], NETWORK)


STREET = {
    ("gate", 1): ("person", 0.0),
    ("gate", 2): ("car", 10.0),
    ("gate", 3): ("person", 30.0),
    ("yard", 1): ("person", 60.0),
    ("yard", 2): ("person", 20.0),
}


def test_the_most_similar_come_first_and_those_below_the_threshold_do_not_pass() -> None:
    found = rank_tracklets([run_of(STREET)], looking(0), count=9)
    told = [(one.camera, one.track, one.identity, round(one.score, 3), one.passes) for one in found.best]
    assert told == [
        ("gate", 1, 1, 1.0, True),
        ("yard", 2, 5, 0.94, True),
        ("gate", 3, 3, 0.866, True),
        ("yard", 1, 4, 0.5, False),
    ]
    assert (found.passing, found.compared) == (3, 4)


def test_all_that_pass_are_returned_even_if_fewer_are_asked_for() -> None:
    found = rank_tracklets([run_of(STREET)], looking(0), count=1)
    assert (len(found.best), found.passing, found.compared) == (3, 3, 4)


def test_a_vehicle_is_compared_with_vehicles_of_any_class_only() -> None:
    found = rank_tracklets([run_of(STREET)], looking(0, "truck"), count=9)
    assert [(one.camera, one.track, one.kind) for one in found.best] == [("gate", 2, "car")]


def test_a_tracklet_does_not_find_itself_and_needs_a_higher_score_within_its_camera() -> None:
    run = run_of(STREET)
    found = rank_tracklets([run], query_of_tracklet(run, ("gate", 1)), count=9)
    told = [(one.camera, one.track, one.threshold, one.passes) for one in found.best]
    assert told == [("yard", 2, 0.6, True), ("gate", 3, 0.9, False), ("yard", 1, 0.6, False)]


def test_tracklets_that_the_same_camera_saw_at_the_same_time_are_left_out() -> None:
    run = run_of(STREET)
    gallery = run.galleries[0].gallery
    together = replace(gallery, starts=np.zeros(5), ends=np.ones(5))
    run = with_gallery(run.folder, CONFIG, replace(run.galleries[0], gallery=together))
    found = rank_tracklets([run], query_of_tracklet(run, ("gate", 1)), count=9)
    assert [(one.camera, one.track) for one in found.best] == [("yard", 2), ("yard", 1)]


def test_a_picture_is_refused_if_the_cameras_were_centred() -> None:
    centred = with_config(run_of(STREET), replace(CONFIG, centring_minimum=5))
    with pytest.raises(RunError, match="--centre-cameras"):
        rank_tracklets([centred], looking(0), count=3)
    assert rank_tracklets([centred], query_of_tracklet(centred, ("gate", 1)), count=3).compared == 3


def test_several_runs_make_one_list_in_which_equals_stay_in_the_order_of_the_runs() -> None:
    first, second = run_of(STREET, folder="b"), run_of(STREET, folder="a")
    found = rank_tracklets([first, second], looking(0), count=3)
    assert [(one.run.folder.name, one.camera, one.track) for one in found.best[:3]] == [
        ("b", "gate", 1),
        ("a", "gate", 1),
        ("b", "yard", 2),
    ]
    assert (found.passing, found.compared) == (6, 8)


def test_a_run_of_another_network_is_refused_unless_there_is_nothing_to_compare() -> None:
    other = replace(NETWORK, sha256="def")
    with pytest.raises(RunError, match="search runs of different networks separately"):
        rank_tracklets([run_of(STREET), run_of(STREET, network=other)], looking(0), count=3)
    assert rank_tracklets([run_of({}, network=other)], looking(0), count=3).compared == 0


def test_an_unknown_tracklet_is_named() -> None:
    with pytest.raises(RunError, match="has no tracklet gate/9"):
        query_of_tracklet(run_of(STREET), ("gate", 9))


def test_an_untrained_network_is_scored_with_the_statistics_of_the_run() -> None:
    run = run_of({("gate", i): ("person", float(a)) for i, a in enumerate((0, 10, 35, 50, 80))})
    run = with_config(run, replace(CONFIG, statistics="run"))
    gallery = run.galleries[0].gallery
    plain = score_gallery(gallery, MatchingConfig(top=1, statistics="run"))[2]
    found = rank_tracklets([run], query_of_tracklet(run, ("gate", 2)), count=9)
    assert {one.track: one.score for one in found.best} == pytest.approx(
        {track: float(plain[track]) for track in (0, 1, 3, 4)}, abs=1e-6
    )
    nearest = rank_tracklets([run], looking(11), count=1).best[0]
    assert nearest.track == 1


@given(seed=st.integers(0, 99), n=st.integers(1, 6), p=st.integers(1, 4), top=st.integers(1, 5))
def test_one_against_many_is_a_row_of_all_against_all(seed: int, n: int, p: int, top: int) -> None:
    rng = np.random.default_rng(seed)
    means = unit_vectors(rng.normal(size=(n, 8)).astype(np.float32))
    prototypes = unit_vectors(rng.normal(size=(n, p, 8)).astype(np.float32))
    every = appearance_scores(means, prototypes, top=top)
    for row in range(n):
        one = score_against_gallery(means[row], prototypes[row], means, prototypes, top=top)
        np.testing.assert_allclose(one, every[row], atol=2e-6)
