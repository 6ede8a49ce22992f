from __future__ import annotations

import json
from pathlib import Path

import pytest
from pipeline.results.settings_saved import given, given_again

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.errors import RunError
from pipeline.footage.cameras import Camera, CameraSet, Transition
from pipeline.matching.config import MatchingConfig
from pipeline.tracking.config import TrackingConfig


def test_what_a_run_was_given_can_be_given_again(tmp_path: Path) -> None:
    polygon = ((0.0, 0.0), (10.0, 0.0), (0.0, 10.0))
    cameras = CameraSet(
        (
            Camera("gate", tmp_path / "a.mp4", 1.5, True, (polygon,), tmp_path / "boxes.csv"),
            Camera("yard", tmp_path / "b.mp4"),
        ),
        (Transition(("gate", "yard"), overlapping=False, minimum=3.0),),
    )
    for transitions in (None, "run", tmp_path / "ways.json"):
        config = RunConfig(
            TrackingConfig(classes=("person",), start=3.0),
            EmbeddingConfig(weights=tmp_path / "w.pt", clips=3),
            MatchingConfig(margin=0.5),
            calibration=tmp_path / "c.toml",
            transitions=transitions,
            corrections=tmp_path / "corrections.csv",
            device="cpu",
        )
        told = json.loads(json.dumps({"given": given(cameras, config)}, allow_nan=False))
        assert given_again(tmp_path, told) == (cameras, config)
    assert cameras.transitions[0].maximum is None


def test_files_are_found_again_from_any_folder() -> None:
    told = given(CameraSet((Camera("gate", Path("gate.mp4")),)), RunConfig())
    assert told["cameras"][0]["path"] == str(Path("gate.mp4").absolute())


@pytest.mark.parametrize("record", [{}, {"given": {}}, {"given": {"cameras": 3}}])
def test_a_record_that_does_not_tell_is_one_sentence(record: dict[str, object]) -> None:
    with pytest.raises(RunError, match="give the command of its match once more"):
        given_again(Path("run"), record)
