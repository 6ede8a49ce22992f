"""The example of matching from Python runs as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples.api import from_frames, from_recordings


@pytest.mark.filterwarnings("ignore:No clock offsets given")
def test_the_example_of_recordings_tells_of_identities_in_both_cameras_and_draws_where_they_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from_recordings(tmp_path / "run")
    assert "identity 1: c1/1, c2/" in capsys.readouterr().out
    assert (tmp_path / "run" / "flow.png").is_file()


def test_the_example_of_frames_of_ones_own_tells_of_whom_they_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from_frames(tmp_path / "frames")
    assert "camera='lab', track=1, identity=1" in capsys.readouterr().out
