from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import av
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from pipeline.footage.caller_frames import keep_frames
from pipeline.footage.reader import FrameReader
from tests.footage import write_sound
from tests.street import write_video

QUICK = ["--config", str(Path(__file__).with_name("quick.toml"))]
BOX = ("bb_left", "bb_top", "bb_width", "bb_height")
CSVS = ("tracks.csv", "tracklets.csv", "matches.csv")


def match(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["match", *map(str, arguments), *QUICK])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in CSVS]


def work(run: Path) -> dict[Path, int]:
    """The parts and embeddings of a run, and when each was written."""
    return {path: path.stat().st_mtime_ns for path in run.rglob("*.parquet") if path.parent != run}


def street(scene: Path) -> list[str]:
    boxes = str(scene / "detections.csv")
    return [str(scene / "east.mp4"), str(scene / "west.mp4"), "--detections", boxes]


@pytest.fixture(scope="module")
def done(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the drawn street."""
    run = tmp_path_factory.mktemp("done") / "run"
    result = match(*street(scene), "--out", run)
    assert result.exit_code == 0, result.output
    return run


def test_every_box_of_a_track_is_the_one_that_was_detected(scene: Path, done: Path) -> None:
    given = {(row["camera"], row["frame"], row["bb_left"]) for row in rows(scene / "detections.csv")}
    tracks = rows(done / "tracks.csv")
    assert {(row["camera"], row["frame"], row["bb_left"]) for row in tracks} <= given
    assert len(tracks) > 0.9 * len(given)


def test_a_track_follows_one_figure(scene: Path, done: Path) -> None:
    truth: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows(scene / "truth.csv"):
        truth.setdefault((row["camera"], row["frame"]), []).append(row)
    owners: dict[tuple[str, str], set[str]] = {}
    for row in rows(done / "tracks.csv"):
        there = truth[row["camera"], row["frame"]]
        nearest = min(there, key=lambda one: sum(abs(float(one[key]) - float(row[key])) for key in BOX))
        owners.setdefault((row["camera"], row["track"]), set()).add(nearest["identity"])
    mixed = {track: found for track, found in owners.items() if len(found) > 1}
    assert not mixed


def test_people_and_cars_are_never_one_identity(done: Path) -> None:
    classes: dict[str, set[str]] = {}
    for row in rows(done / "tracklets.csv"):
        classes.setdefault(row["identity"], set()).add(row["class"])
    classes.pop("", None)
    assert {"person"} in classes.values()
    assert all(len(found) == 1 for found in classes.values())


def test_a_run_records_what_was_run(done: Path) -> None:
    record = json.loads((done / "run.json").read_text(encoding="utf-8"))
    assert record["state"] == "done"
    assert record["links_trusted"].keys() == record["matching"].keys() == record["weights"]["network"].keys()
    east = record["cameras"]["east"]
    assert east["report"]["frames_decoded"] == east["report"]["frames_expected"] == 140
    assert east["offset_known"] is False
    assert record["versions"]["torch"]


def test_the_order_of_the_recordings_does_not_matter(scene: Path, done: Path, tmp_path: Path) -> None:
    east, west, *rest = street(scene)
    assert match(west, east, *rest, "--out", tmp_path / "run").exit_code == 0
    assert contents(tmp_path / "run") == contents(done)


def test_a_changed_threshold_runs_only_matching(scene: Path, done: Path, tmp_path: Path) -> None:
    done = shutil.copytree(done, tmp_path / "run")
    parts = work(done)
    before = contents(done)
    strict = match(*street(scene), "--out", done, "--threshold", "1")
    assert strict.exit_code == 0, strict.output
    assert not any(row["decision"] == "accepted" for row in rows(done / "matches.csv"))
    best = max(
        float(row["score"]) for row in rows(done / "matches.csv") if row["camera_a"] != row["camera_b"]
    )
    assert f"scores {best:.3f}, below the threshold 1.000" in strict.stdout
    assert match(*street(scene), "--out", done).exit_code == 0
    assert contents(done) == before
    assert work(done) == parts


def test_corrections_are_honoured_and_run_only_matching(scene: Path, done: Path, tmp_path: Path) -> None:
    """Two linked people are parted, two others are joined, one is left out, and a run without the file forgets it all."""
    run, file = shutil.copytree(done, tmp_path / "run"), tmp_path / "corrections.csv"
    before, parts, gallery = contents(run), work(run), (run / "gallery.parquet").read_bytes()
    link = next(row for row in rows(run / "matches.csv") if row["decision"] == "accepted")
    named = [f"{link[f'camera_{side}']}/{link[f'track_{side}']}" for side in "ab"]
    others = [
        f"{row['camera']}/{row['track']}"
        for row in rows(run / "tracklets.csv")
        if row["identity"] and row["identity"] != link["identity"]
    ]
    one, other, third = others[0], others[-1], others[1]
    said = f"{','.join(named)},different\n{one},{other},same\n{third},,ignore\n"
    file.write_text(f"tracklet_a,tracklet_b,verdict\n{said}")
    result = match(*street(scene), "--out", run, "--corrections", file)
    assert result.exit_code == 0, result.output
    found = {f"{row['camera']}/{row['track']}": row for row in rows(run / "tracklets.csv")}
    assert found[named[0]]["identity"] != found[named[1]]["identity"]
    assert found[one]["identity"] == found[other]["identity"] != ""
    assert (found[third]["identity"], found[third]["status"]) == ("", "ignored")
    reasons = [row["reason"] for row in rows(run / "matches.csv")]
    assert sum("you marked them as the same" in reason for reason in reasons) == 1
    assert sum("you marked them as different" in reason for reason in reasons) == 1
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))["corrections"]
    assert (record["same"], record["different"], record["ignore"]) == (1, 1, 1)
    assert match(*street(scene), "--out", run).exit_code == 0
    assert contents(run) == before
    assert (run / "gallery.parquet").read_bytes() == gallery
    assert work(run) == parts


def test_what_was_said_in_a_review_is_kept_or_missed_aloud(scene: Path, done: Path, tmp_path: Path) -> None:
    run, other = shutil.copytree(done, tmp_path / "run"), tmp_path / "other.csv"
    link = next(row for row in rows(run / "matches.csv") if row["decision"] == "accepted")
    pair = ",".join(f"{link[f'camera_{side}']}/{link[f'track_{side}']}" for side in "ab")
    other.write_text("tracklet_a,tracklet_b,verdict\n")
    (run / "corrections.csv").write_text(f"tracklet_a,tracklet_b,verdict\n{pair},different\n")
    for options, parted in [((), True), (("--corrections", other), False)]:
        result = match(*street(scene), "--out", run, *options)
        assert result.exit_code == 0, result.output
        reasons = [row["reason"] for row in rows(run / "matches.csv")]
        assert any("you marked them as different" in reason for reason in reasons) == parted
        assert ("corrections.csv is not used" in result.stderr) != parted


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        pytest.param(
            "east/1,west/1,same\neast/1,west/1,different\n", "are different (row 3)", id="contradiction"
        ),
        pytest.param("east/1,west/999,same\n", "row 2 names west/999, which is not a tracklet", id="unknown"),
    ],
)
def test_corrections_that_cannot_be_honoured_are_wrong_usage_and_cost_nothing(
    scene: Path, done: Path, tmp_path: Path, said: str, complaint: str
) -> None:
    run, file = shutil.copytree(done, tmp_path / "run"), tmp_path / "corrections.csv"
    before = contents(run)
    file.write_text(f"tracklet_a,tracklet_b,verdict\n{said}")
    result = match(*street(scene), "--out", run, "--corrections", file)
    assert (result.exit_code, contents(run)) == (2, before)
    assert complaint in result.stderr
    assert json.loads((run / "run.json").read_text())["state"] == "done"


def test_corrections_of_a_run_that_is_there_no_more_are_kept_and_not_used(
    scene: Path, done: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(done, tmp_path / "run")
    said = "tracklet_a,tracklet_b,verdict\neast/1,,ignore\n"
    (run / "corrections.csv").write_text(said)
    result = match(*street(scene), "--out", run, "--overwrite")
    assert result.exit_code == 0, result.output
    assert "corrections.csv is not used" in result.stderr
    assert (run / "corrections-1.csv").read_text() == said
    assert match(*street(scene), "--out", run).exit_code == 0
    assert contents(run) == contents(done)


def test_a_correction_of_a_camera_that_is_not_there_is_refused_before_footage_is_looked_at(
    tmp_path: Path,
) -> None:
    file, video = tmp_path / "corrections.csv", tmp_path / "gate.mp4"
    file.write_text("tracklet_a,tracklet_b,verdict\ngate/1,yard/2,same\n")
    video.touch()
    result = match(video, "--out", tmp_path / "run", "--corrections", file)
    assert result.exit_code == 2
    assert "row 2 names yard/2, but this run has no camera 'yard', only gate" in result.stderr
    assert not (tmp_path / "run/run.json").exists()


def test_a_short_tracklet_has_an_identity_if_the_user_says_whose(
    scene: Path, done: Path, tmp_path: Path
) -> None:
    run, file = shutil.copytree(done, tmp_path / "run"), tmp_path / "corrections.csv"
    boxes = tmp_path / "boxes.csv"
    moving = [
        f"{camera},{n},person,{100 + 3 * n},150,40,120,0.9\n"
        for camera in ("east", "west")
        for n in range(20)
    ]
    short = [f"east,{n},person,{400 + 3 * n},150,40,120,0.9\n" for n in range(100, 105)]
    boxes.write_text("camera,frame,class,bb_left,bb_top,bb_width,bb_height,conf\n" + "".join(moving + short))
    videos = [scene / "east.mp4", scene / "west.mp4", "--detections", boxes, "--out", run, "--overwrite"]
    assert match(*videos).exit_code == 0
    assert [row["status"] for row in rows(run / "tracklets.csv")][1] == "rejected_short"
    file.write_text("tracklet_a,tracklet_b,verdict\neast/2,west/1,same\n")
    assert match(*videos[:-1], "--corrections", file).exit_code == 0
    east, short_one, west = rows(run / "tracklets.csv")
    assert (short_one["identity"], short_one["status"]) == (west["identity"], "linked")
    assert west["status"] == "linked"
    told = next(row for row in rows(run / "matches.csv") if row["track_a"] == "2" or row["track_b"] == "2")
    assert told["reason"] == "you marked them as the same; their appearance cannot be compared"
    assert east["identity"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(["--vid-stride", "2"], "tracking vid_stride 1, not 2", id="tracking"),
        pytest.param(["--start", "1"], "tracking start none, not 1.0", id="a-stretch-of-the-same-cameras"),
        pytest.param(["--clips", "2"], "embedding", id="embedding"),
    ],
)
def test_a_folder_made_with_other_settings_is_left_alone(
    scene: Path, done: Path, change: list[str], complaint: str
) -> None:
    before = contents(done)
    result = match(*street(scene), "--out", done, *change)
    assert result.exit_code == 1
    assert complaint in result.output
    assert "--overwrite" in result.output
    assert contents(done) == before


def test_a_folder_made_from_other_recordings_is_left_alone(scene: Path, done: Path) -> None:
    east, _, *rest = street(scene)
    result = match(east, *rest, "--out", done)
    assert result.exit_code == 1
    assert "the cameras east, west, not east" in result.output


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(scene: Path, done: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [sys.executable, "-m", "cli.main", "match", *street(scene), "--out", str(run), *QUICK]
    for commit in ("parts/*/00000.boxes.parquet", "parts/west/00000.boxes.parquet", "embeddings/*.parquet"):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not list(run.glob(commit)):
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert match(*street(scene), "--out", run).exit_code == 0
    assert contents(run) == contents(done)


def test_one_bad_recording_costs_only_itself(scene: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("this is no video")
    result = match(*street(scene), text, "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert "notes" in result.stderr
    assert {row["camera"] for row in rows(tmp_path / "run/tracklets.csv")} == {"east", "west"}
    text.unlink()  # matching again needs no footage
    again = match(*street(scene), text, "--out", tmp_path / "run")
    assert again.exit_code == 1
    assert "camera notes was left out" in again.stderr


def test_all_missing_files_are_named_before_anything_begins(scene: Path, tmp_path: Path) -> None:
    result = match(scene / "eats.mp4", scene / "west.mp4", tmp_path / "gone.mp4", "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert f"eats.mp4 does not exist (is it {scene / 'east.mp4'}?)" in result.stderr
    assert "gone.mp4 does not exist" in result.stderr
    assert not (tmp_path / "run").exists()


def test_a_camera_in_two_pieces_gives_the_tables_of_the_whole(
    scene: Path, done: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "east"
    folder.mkdir()
    halve(scene / "east.mp4", folder)
    pattern = f"east={folder / '*.mkv'}"
    boxes = "--detections", scene / "detections.csv"
    result = match(pattern, scene / "west.mp4", *boxes, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert "2 files are one recording; they are placed end to end" in result.stderr
    columns = "camera", "track", "identity", "start_frame", "end_frame", "boxes", "status"
    whole, pieces = (
        [[row[name] for name in columns] for row in rows(run / "tracklets.csv")]
        for run in (done, tmp_path / "run")
    )
    assert pieces == whole


def halve(video: Path, folder: Path) -> None:
    """Cut a video into two that both begin at 0 s."""
    with FrameReader(video) as reader:
        frames = list(reader)
    middle = len(frames) // 2
    for name, part in (("1.mkv", frames[:middle]), ("2.mkv", frames[middle:])):
        keep_frames(((frame.seconds - part[0].seconds, frame.pixels) for frame in part), folder / name)


def test_a_copy_of_a_recording_is_told(scene: Path, tmp_path: Path) -> None:
    shutil.copy(scene / "east.mp4", tmp_path / "copy.mp4")
    boxes = scene / "detections.csv"
    result = match(
        f"east={scene / 'east.mp4'}",
        f"west={tmp_path / 'copy.mp4'}",
        "--detections",
        boxes,
        "--out",
        tmp_path / "run",
    )
    assert "east and west have the same recording" in result.stderr


def bad_footage(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.mp4"
    if kind == "text":
        path.write_text("this is no video")
    if kind == "empty":
        path.write_bytes(b"")
    if kind == "sound":
        write_sound(path)
    return path


@pytest.mark.parametrize("kind", ["text", "empty", "sound"])
def test_bad_footage_is_one_line_and_status_1(tmp_path: Path, kind: str) -> None:
    boxes = tmp_path / "boxes.csv"
    boxes.write_text("frame,class,bb_left,bb_top,bb_width,bb_height,conf\n0,person,1,1,5,5,0.9\n")
    result = match(bad_footage(tmp_path, kind), "--detections", boxes, "--out", tmp_path / "run")
    assert result.exit_code == 1
    about = [line for line in result.stderr.splitlines() if f"{kind}.mp4" in line]
    assert len(about) == 1, result.stderr
    assert "Traceback" not in result.output


def test_nobody_seen_is_a_result_too(scene: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "none.csv"
    boxes.write_text("camera,frame,class,bb_left,bb_top,bb_width,bb_height,conf\n")
    result = match(scene / "east.mp4", scene / "west.mp4", "--detections", boxes, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert [len(content.splitlines()) for content in contents(tmp_path / "run")] == [1, 1, 1]


def test_one_camera_and_one_tracklet_are_enough(scene: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "one.csv"
    moving = [f"{n},person,{100 + 3 * n},150,40,120,0.9\n" for n in range(20)]
    boxes.write_text("frame,class,bb_left,bb_top,bb_width,bb_height,conf\n" + "".join(moving))
    result = match(scene / "east.mp4", "--detections", boxes, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    (only,) = rows(tmp_path / "run/tracklets.csv")
    assert (only["identity"], only["boxes"], only["status"]) == ("1", "20", "single_camera")


def test_eleven_cameras_with_odd_names(scene: Path, tmp_path: Path) -> None:
    names = ["a b", "Tor Süd", "門", "up/down", "..", "=x", "-rf", '"q"', "a,b", "<b>", "con"]
    header = "frame,class,bb_left,bb_top,bb_width,bb_height,conf\n"
    boxes = tmp_path / "boxes.csv"
    with av.open(str(scene / "east.mp4")) as source:
        pictures = [frame.to_ndarray(format="rgb24") for frame in islice(source.decode(video=0), 10)]
    boxes.write_text(header + "".join(f"{n},person,{100 + n},150,40,120,0.9\n" for n in range(10)))
    tables = []
    for index, name in enumerate(names):
        tables.append(f"[[camera]]\nname = '{name}'\nfile = '{index}.mp4'\ndetections = 'boxes.csv'\n")
        write_video(tmp_path / f"{index}.mp4", pictures)
    (tmp_path / "cameras.toml").write_text("\n".join(tables), encoding="utf-8")
    result = match("--cameras", tmp_path / "cameras.toml", "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert [row["camera"] for row in rows(tmp_path / "run/tracklets.csv")] == sorted(names)
    assert all(
        path.parent.parent == tmp_path / "run/parts"
        for path in tmp_path.rglob("*.parquet")
        if "parts" in path.parts
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param([], "no camera", id="no-video"),
        pytest.param(["a.mp4", "a.mp4"], "given twice", id="one-file-twice"),
        pytest.param(["a.mp4", "--vid-stride", "0"], "--vid-stride", id="no-stride"),
        pytest.param(["a.mp4", "--cameras", "none.toml"], "none.toml", id="no-cameras-file"),
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str], complaint: str) -> None:
    result = match(*arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        pytest.param(("--weights", "bad.safetensors"), "bad.safetensors", id="network"),
        pytest.param(("--weights", "bad.pt"), "bad.pt", id="network-of-another-format"),
        pytest.param(("--device", "nonsense"), "'nonsense' does not work here", id="device"),
        pytest.param(("--detections", "east=bad.csv"), "bad.csv, line 1", id="boxes"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_overwritten(
    scene: Path,
    done: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: tuple[str, str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("bad.safetensors", "bad.pt", "bad.csv"):
        Path(name).write_bytes(b"nothing of use")
    before, parts = contents(done), work(done)
    result = match(*street(scene), "--out", done, "--overwrite", *option)
    assert (result.exit_code, contents(done), work(done)) == (1, before, parts)
    assert complaint in result.stderr


def test_parts_that_were_deleted_are_missed(scene: Path, done: Path, tmp_path: Path) -> None:
    run = shutil.copytree(done, tmp_path / "run")
    for path in (run / "parts/east").glob("*.parquet"):
        path.unlink()
    result = match(*street(scene), "--out", run)
    assert result.exit_code == 1
    assert "parts are missing" in result.stderr


def test_a_bad_network_file_costs_no_tracking(scene: Path, done: Path, tmp_path: Path) -> None:
    run, bad = tmp_path / "run", tmp_path / "bad.pt"
    bad.write_bytes(b"no pickle")
    result = match(*street(scene), "--out", run, "--weights", bad)
    assert result.exit_code == 1
    assert "bad.pt" in result.stderr
    assert not list(run.rglob("*.parquet"))
    assert match(*street(scene), "--out", run).exit_code == 0
    assert contents(run) == contents(done)


def test_a_bad_detector_costs_only_the_cameras_that_need_it(scene: Path, tmp_path: Path) -> None:
    bad = tmp_path / "yolo.pt"
    bad.write_bytes(b"no weights")
    boxes = f"east={scene / 'detections.csv'}"
    videos = scene / "east.mp4", scene / "west.mp4"
    result = match(*videos, "--detections", boxes, "--detector-weights", bad, "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert "camera west was left out" in result.stderr
    assert {row["camera"] for row in rows(tmp_path / "run/tracklets.csv")} == {"east"}


def test_boxes_of_frames_that_do_not_exist_are_mentioned(scene: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "late.csv"
    boxes.write_text("frame,class,bb_left,bb_top,bb_width,bb_height,conf\n9999,person,1,1,50,50,0.9\n")
    result = match(scene / "east.mp4", "--detections", boxes, "--out", tmp_path / "run")
    assert result.exit_code == 0
    assert "1 of its boxes lie after the last frame, 139" in result.stderr


def test_boxes_that_lie_outside_the_picture_are_mentioned(scene: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "large.csv"
    said = [f"{n},person,{x},50,40,90,0.9\n" for n in range(20) for x in (60, 4000)]
    boxes.write_text("frame,class,bb_left,bb_top,bb_width,bb_height,conf\n" + "".join(said))
    result = match(scene / "east.mp4", "--detections", boxes, "--out", tmp_path / "run")
    assert result.exit_code == 0
    assert "its boxes reach to x = 4040" in result.stderr


@pytest.mark.parametrize("option", [("--start", "nan"), ("--start", "inf"), ("--margin", "inf")])
def test_numbers_that_are_none_are_refused(scene: Path, tmp_path: Path, option: tuple[str, str]) -> None:
    result = match(*street(scene), "--out", tmp_path / "run", *option)
    assert result.exit_code in (1, 2)
    assert result.stderr.splitlines()[-1].startswith("Error:")


def test_files_that_do_nothing_and_thresholds_that_do_too_little_are_named(
    scene: Path, done: Path, tmp_path: Path
) -> None:
    travel, none, boxes = (tmp_path / name for name in ("travel.toml", "none.toml", "none.csv"))
    travel.write_text(
        '[[way]]\nclass = "person"\nfrom = "gate"\nto = "yard"\ngaps = [1.0]\n', encoding="utf-8"
    )
    none.write_text("", encoding="utf-8")
    boxes.write_text("frame,class,bb_left,bb_top,bb_width,bb_height,conf\n", encoding="utf-8")
    said = match(*street(scene), "--out", done, "--transitions", travel).output
    assert "names gate, yard. This run has no such camera." in said
    said = match(*street(scene), "--out", done, "--calibration", none).output
    assert "holds no thresholds" in said
    said = match(*street(scene), "--out", done, "--threshold", "0.65").output
    assert "vehicles: the threshold 0.650 is below the network's own threshold 0.700" in said
    assert "people: the threshold 0.650 is below" not in said
    nobody = match(scene / "east.mp4", "--detections", boxes, "--out", tmp_path / "nobody")
    assert nobody.exit_code == 0
    assert "has no box in the processed frames" in nobody.output
