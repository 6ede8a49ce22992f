from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.errors import RunError
from pipeline.folder.atomic import atomic_path
from pipeline.folder.store import (
    BOXES,
    CROPS,
    DELETED_SUFFIX,
    LOCK_FILE,
    TRACKS,
    open_run,
    read_json,
    read_parquet,
    write_json_file,
    write_parquet,
)

EMPTY = {"boxes": BOXES.empty_table(), "tracks": TRACKS.empty_table(), "crops": CROPS.empty_table()}
HOLD = "import sys, time\nfrom pathlib import Path\nfrom pipeline.folder.store import open_run\n"
HOLD += "with open_run(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"


def test_a_part_counts_only_once_its_boxes_are_there(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        parts = run.camera("gate")
        parts.commit(**EMPTY)
        parts.commit(**EMPTY)
        assert parts.count() == 2
        parts.path(1, "boxes").unlink()  # as a kill before the last rename leaves it
        assert parts.count() == 1
        parts.commit(**EMPTY)
        assert parts.count() == 2
        parts.path(0, "boxes").unlink()  # as nothing but a hand leaves it
        with pytest.raises(RunError, match="parts are missing"):
            parts.count()


@pytest.mark.parametrize("kind", ["crops", "tracks", "boxes"])
def test_an_interruption_at_any_file_of_a_part_leaves_no_part_that_counts(tmp_path: Path, kind: str) -> None:
    with open_run(tmp_path / "run") as run:
        parts = run.camera("gate")
        with pytest.raises(AttributeError):
            parts.commit(**EMPTY | {kind: None})  # cannot be written, so the files after it are missing
        assert parts.count() == 0
        parts.commit(**EMPTY)
        assert [len(list(parts.read(name))) for name in EMPTY] == [1, 1, 1]


@pytest.mark.parametrize("given", [None, 7])
def test_whether_boxes_came_with_tracks_is_known_afterwards_and_damage_is_named(
    tmp_path: Path, given: int | None
) -> None:
    corners = {"x0": 0.0, "y0": 0.0, "x1": 9.0, "y1": 9.0, "score": 1.0, "class": "person", "colours": None}
    rows = [{"frame": 0, "seconds": 0.0, "given_track": given} | corners]
    with open_run(tmp_path / "run") as run:
        parts = run.camera("gate")
        parts.commit(**EMPTY)
        assert not parts.has_precomputed_tracks()
        parts.commit(**EMPTY | {"boxes": pa.Table.from_pylist(rows, schema=BOXES)})
        assert parts.has_precomputed_tracks() == (given is not None)
        parts.path(0, "boxes").write_bytes(b"PAR1")
        with pytest.raises(RunError, match="is damaged"):
            parts.has_precomputed_tracks()


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json_file(path, {"state": "done"})
    with pytest.raises(KeyError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise KeyError("killed here")
    assert read_json(path) == {"state": "done"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 200_000, id="nested-too-deep"),
        pytest.param("{", id="cut-off"),
        pytest.param("[]", id="not-an-object"),
        pytest.param("\udcff", id="not-utf-8"),
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(RunError, match=r"run\.json: is damaged .*run again with --overwrite$"):
        read_json(path)


def test_what_a_kill_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        run.camera("gate").commit(**EMPTY)
    (tmp_path / "run/parts/gate/00001.boxes.parquet.partial").write_bytes(b"PAR1")
    with open_run(tmp_path / "run") as run:
        assert run.camera("gate").count() == 1
    assert not list(tmp_path.rglob("*.partial"))


def test_a_folder_in_use_is_refused_at_once_and_free_again_after_a_kill(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "run")], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    began = time.monotonic()
    with pytest.raises(RunError, match="another run is using this folder"), open_run(tmp_path / "run"):
        pytest.fail("the lock was given twice")
    assert time.monotonic() - began < 10
    holder.kill()
    holder.communicate()
    with open_run(tmp_path / "run") as run:
        assert run.path == tmp_path / "run"


def test_a_folder_or_file_that_is_not_a_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("all of it")
    with pytest.raises(RunError, match="not a run folder"), open_run(tmp_path):
        pytest.fail("the folder was taken")
    file = tmp_path / "thesis.tex"
    with pytest.raises(RunError, match="not a run folder"), open_run(file):
        pytest.fail("the file was taken")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "missing")
    with pytest.raises(RunError, match="not a run folder"), open_run(link):
        pytest.fail("the broken link was taken")


def test_clearing_deletes_all_of_a_run_and_nothing_else(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        run.camera("gate").commit(**EMPTY)
        write_json_file(run.record, {})
        for name in ("tracks.csv", "matches.csv", "gallery.parquet", "notes.txt"):
            (run.path / name).write_text("")
        run.clear()
    assert {path.name for path in (tmp_path / "run").iterdir()} == {LOCK_FILE, "notes.txt"}


def test_a_deletion_that_was_killed_is_finished_by_the_next_run(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        run.camera("gate").commit(**EMPTY)
        (run.path / "parts").rename(run.path / f"parts{DELETED_SUFFIX}")  # as a kill in the middle leaves it
    with open_run(tmp_path / "run") as run:
        assert {path.name for path in run.path.iterdir()} == {LOCK_FILE}


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    path = tmp_path / "00000.boxes.parquet"
    path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(RunError, match=r"00000\.boxes\.parquet: is damaged"):
        read_parquet(path)


def test_other_programs_can_read_a_part(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        rows = [{"track": 1, "frame": 7, "quality": 0.5, "jpeg": b"..."}]
        run.camera("gate").commit(**EMPTY | {"crops": pa.Table.from_pylist(rows, schema=CROPS)})
        path = run.camera("gate").path(0, "crops")
    assert path.relative_to(tmp_path) == Path("run/parts/gate/00000.crops.parquet")
    assert pa.parquet.read_table(path).to_pylist() == rows


def test_a_part_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        for camera in ("gate", "yard"):
            run.camera(camera).commit(**EMPTY)
            run.camera(camera).commit(**EMPTY)
        gate, yard = run.camera("gate"), run.camera("yard")
    for kind, source in (("crops", yard.path(0, "crops")), ("tracks", gate.path(1, "tracks"))):
        shutil.copy(source, gate.path(0, kind))
        with pytest.raises(
            RunError, match=rf"00000\.{kind}\.parquet: is not the file that the run wrote here"
        ):
            list(gate.read(kind))


def test_a_flipped_bit_in_a_part_is_found(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    write_parquet(path, pa.table({"frame": list(range(1000))}))
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="is damaged"):
        read_parquet(path)


def test_a_link_in_place_of_the_parts_is_deleted_and_not_what_it_names(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "kept.txt").write_text("kept")
    with open_run(tmp_path / "run") as run:
        (run.path / "parts").symlink_to(other)
        run.clear()
    with open_run(tmp_path / "run"):
        assert not (tmp_path / "run/parts").exists()
    assert (other / "kept.txt").read_text() == "kept"
