"""A run with the shipped networks, one for people and one for vehicles."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.footage.cameras import cameras_from_arguments
from pipeline.results.galleries import read_galleries
from pipeline.run import match
from reid.checkpoints import save_checkpoint
from reid.files import sha256
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build

Run = Callable[..., tuple[dict[str, Any], list[str]]]


def checkpoint(path: Path, variant: str, size: tuple[int, int], threshold: str) -> None:
    network = build(with_backbone(VARIANTS[variant], "test_resnet"), 1)
    save_checkpoint(network, path, size=size, about={"match_threshold": threshold})


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A network for people, and one for vehicles with shorter vectors of wider crops."""
    (tmp_path / "shipped").mkdir()
    checkpoint(tmp_path / "shipped/people.safetensors", "fgreid", (64, 32), "0.1")
    checkpoint(tmp_path / "shipped/vehicles.safetensors", "no-global", (32, 64), "0.2")
    return tmp_path / "shipped"


@pytest.fixture
def tracks(scene: Path, tmp_path: Path) -> Path:
    """The true tracks of the drawn street, every other one called a car, so that both cameras see both classes."""
    rows = [
        row
        | {"track": row["identity"], "class": "car" if int(row["identity"]) % 2 else "person", "conf": "0.9"}
        for row in table(scene / "truth.csv")
    ]
    with (tmp_path / "tracks.csv").open("w", encoding="utf-8", newline="") as file:
        wanted = ["camera", "frame", "class", "bb_left", "bb_top", "bb_width", "bb_height", "conf", "track"]
        writer = csv.DictWriter(file, wanted, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path / "tracks.csv"


@pytest.fixture
def run(scene: Path, tracks: Path, tmp_path: Path) -> Run:
    """Match the drawn street, and return the record and the warnings."""

    def once(
        folder: Path, threshold: float | None = None, corrections: Path | None = None
    ) -> tuple[dict[str, Any], list[str]]:
        videos = [str(scene / "east.mp4"), str(scene / "west.mp4")]
        cameras = cameras_from_arguments(videos, cameras_file=None, detections=[str(tracks)])
        quick = EmbeddingConfig(clips=1, clip_length=1)
        config = RunConfig(
            embedding=quick, threshold=threshold, corrections=corrections, device="cpu", shipped=folder
        )
        said: list[str] = []
        match(cameras, config, tmp_path / "run", warn=said.append)
        record: dict[str, Any] = json.loads((tmp_path / "run/run.json").read_text(encoding="utf-8"))
        return record, said

    return once


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_people_and_vehicles_have_their_own_networks(run: Run, shipped: Path, tmp_path: Path) -> None:
    record, said = run(shipped)
    assert not any("TRUST" in warning for warning in said)
    assert record["links_trusted"] == {"people": True, "vehicles": True}
    for name, threshold in (("people", 0.1), ("vehicles", 0.2)):
        network = record["weights"]["network"][name]
        assert (network["source"], network["sha256"]) == ("shipped", sha256(shipped / f"{name}.safetensors"))
        assert record["matching"][name]["threshold"] == {"value": threshold, "by": "network"}
    tracklets = table(tmp_path / "run/tracklets.csv")
    kinds = {(row["camera"], row["track"]): row["class"] for row in tracklets}
    lengths = {
        (kinds[row["camera"], str(row["track"])], len(row["vector"]))
        for part in (tmp_path / "run/embeddings").iterdir()
        for row in pq.read_table(part).to_pylist()
    }
    assert len(lengths) == 2
    assert dict(lengths)["person"] == 2 * dict(lengths)["car"]
    rows = table(tmp_path / "run/matches.csv")
    asked = {(row["class"], row["threshold"]) for row in rows if row["camera_a"] != row["camera_b"]}
    assert asked == {("person", "0.1000"), ("car", "0.2000")}
    first: dict[str, int] = {}
    for row in sorted(
        tracklets, key=lambda row: (float(row["start_time_s"]), row["camera"], int(row["track"]))
    ):
        first.setdefault(row["identity"], len(first) + 1)
    assert all(int(identity) == place for identity, place in first.items() if identity)
    record, _ = run(shipped, threshold=0.9)  # only matching runs again
    assert [config["threshold"] for config in record["matching"].values()] == [
        {"value": 0.9, "by": "user"}
    ] * 2


def test_a_person_detected_as_a_car_is_one_identity_if_the_user_marks_it(
    run: Run, shipped: Path, tmp_path: Path
) -> None:
    """Two networks embedded them, so only the user can join them."""
    run(shipped)
    first = {row["class"]: row for row in reversed(table(tmp_path / "run/tracklets.csv"))}
    names = [f"{first[kind]['camera']}/{first[kind]['track']}" for kind in ("person", "car")]
    (tmp_path / "c.csv").write_text(f"tracklet_a,tracklet_b,verdict\n{names[0]},{names[1]},same\n")
    _, said = run(shipped, corrections=tmp_path / "c.csv")
    rows = table(tmp_path / "run/tracklets.csv")
    (identity,) = {row["identity"] for row in rows if f"{row['camera']}/{row['track']}" in names}
    assert sum(row["identity"] == identity for row in rows) == 2
    (link,) = [row for row in table(tmp_path / "run/matches.csv") if not row["appearance"]]
    assert link["reason"] == "you marked them as the same; their appearance cannot be compared"
    assert link["decided_by"] == "user"
    assert any("are one identity because you marked them as the same, " in warning for warning in said)
    people, vehicles = read_galleries(tmp_path / "run/gallery.parquet")
    assert (people.identities == int(identity)).sum() == (vehicles.identities == int(identity)).sum() == 1


def test_links_of_vehicles_are_not_trusted_without_a_network_for_vehicles(
    run: Run, shipped: Path, tmp_path: Path
) -> None:
    (shipped / "vehicles.safetensors").unlink()
    record, said = run(shipped)
    assert record["links_trusted"] == {"people": True, "vehicles": False}
    assert [warning for warning in said if "TRUST" in warning] == [
        "DO NOT TRUST THE LINKS OF VEHICLES: the shipped network was trained on people only"
    ]
    assert said[-1] in record["warnings"]
    doubted = {row["class"]: "do not trust" in row["reason"] for row in table(tmp_path / "run/matches.csv")}
    assert doubted == {"person": False, "car": True}


def test_no_link_is_trusted_without_shipped_networks(run: Run, tmp_path: Path) -> None:
    record, said = run(tmp_path / "nothing")
    assert record["links_trusted"] == {"everything": False}
    assert any(warning.startswith("DO NOT TRUST THE LINKS: the network") for warning in said)
    assert all("do not trust" in row["reason"] for row in table(tmp_path / "run/matches.csv"))
