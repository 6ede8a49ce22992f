"""Attention over the pictures of a report: drawn, shown by a key, and refused without the run's weights."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from playwright import sync_api

from cli.main import main
from pipeline.embedding.networks import ClassNetwork
from pipeline.matching.config import MatchingConfig
from pipeline.matching.match import Matched, Matching
from pipeline.matching.pairs.gallery import build_gallery
from pipeline.report.attention import overlay
from pipeline.report.write import write_report
from pipeline.results.galleries import write_galleries
from pipeline.results.pictures import PER_TRACKLET
from pipeline.results.records import TrackletRecord, read_run
from pipeline.results.run_record import NetworkRecord, WeightsRecord, write_record
from reid.checkpoints import save_checkpoint
from reid.model.design import VARIANTS, Design, with_backbone
from reid.model.network import build
from reid.weights import resolve
from tests.pipeline.page.test_page import opened
from tests.pipeline.report.written import write_run
from tests.runs import keep_changes

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
FGREID = VARIANTS["fgreid-lite"]
CONTENT = re.compile("^data:image/webp;base64,")


@pytest.mark.parametrize("step", [0.4, 1e-9])
def test_high_attention_is_bright_however_small_the_differences(step: float) -> None:
    picture = np.full((80, 40, 3), 100, np.uint8)
    attention = np.array([[0.5, 0.5], [0.5, 0.5 + step]])
    shown = overlay(picture, attention).astype(int).sum(axis=2)
    assert shown.shape == (80, 40)
    assert shown[-1, -1] == shown.max() > shown[0, 0] + 300
    assert shown[0, 0] == shown.min()


def test_equal_attention_is_dark_everywhere() -> None:
    shown = overlay(np.full((8, 4, 3), 100, np.uint8), np.ones((2, 2)))
    assert shown.max() < 60 and np.ptp(shown[..., 0]) == 0


def test_a_key_shows_and_hides_the_attention(browser: sync_api.Browser, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")

    def white(tracklets: Sequence[TrackletRecord], _: object) -> list[list[bytes]]:
        square = bytes(cv2.imencode(".webp", np.full((7, 7, 3), 255, np.uint8))[1])
        return [[] if one.identity is None else [square] * PER_TRACKLET for one in tracklets]

    write_report(read_run(run), run / "report.html", blur="none", overlays=white)
    shown = opened(browser, run / "report.html")
    page, images = shown.page, shown.page.locator("#cards .card").first.locator("img")
    sync_api.expect(images.first).to_have_attribute("src", CONTENT)
    plain = images.nth(1).get_attribute("src")
    page.locator("#not-matched summary").click()
    ignored = page.locator("#not-matched img").first
    sync_api.expect(ignored).to_have_attribute("src", CONTENT)
    page.keyboard.press("a")
    for image in images.all():
        assert image.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 7
    assert ignored.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 40
    page.get_by_role("button", name="Attention", pressed=True).click()
    assert images.nth(1).get_attribute("src") == plain
    page.context.close()
    assert shown.faults == []


def with_network(run: Path, weights: Path, design: Design) -> Path:
    """Change the record of a run as if a small network had embedded it, and save the network."""
    save_checkpoint(build(with_backbone(design, "test_resnet"), 1), weights, size=(64, 32), about={})
    network = ClassNetwork("everything", resolve(weights, seed=0))
    recorded = NetworkRecord("file", str(weights), network.weights.sha256, "fgreid-lite")
    record = replace(
        read_run(run).record,
        weights=WeightsRecord(None, {"everything": recorded}),
        links_trusted={"everything": True},
        matching={"everything": MatchingConfig()},
    )
    write_record(run, record)
    empty = Matched(build_gallery([], [], weights=[], prototypes=1), Matching(np.zeros(0, np.int64), (), ()))
    write_galleries(run / "gallery.parquet", [empty], [network])
    keep_changes(run)
    return run


def report(run: Path, *more: object) -> Result:
    return CliRunner().invoke(main, ["report", str(run), "--attention", "--device", "cpu", *map(str, more)])


def stored(path: Path, place: int) -> list[Pixels]:
    """The pictures of a tracklet in a page."""
    _, _, rest = path.read_text(encoding="utf-8").partition(f'id="pictures-{place}">')
    files = (base64.b64decode(one) for one in rest.partition("<")[0].split())
    return [
        np.asarray(cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR), np.uint8) for one in files
    ]


def test_each_picture_of_a_matched_tracklet_has_an_overlay_with_the_same_blur(tmp_path: Path) -> None:
    run = with_network(write_run(tmp_path / "run"), tmp_path / "own.safetensors", FGREID)
    result = report(run, "--out", tmp_path / "sharp.html", "--blur", "none")
    assert result.exit_code == 0, result.stderr
    report(run, "--out", tmp_path / "blurred.html", "--blur", "faces")
    counts = [len(stored(tmp_path / "sharp.html", place)) for place in range(7)]
    assert sorted(counts) == [PER_TRACKLET] + [2 * PER_TRACKLET] * 6  # one tracklet was not matched
    sharp, blurred = (stored(tmp_path / name, 1)[PER_TRACKLET] for name in ("sharp.html", "blurred.html"))
    assert sharp.shape == blurred.shape == (80, 40, 3)
    stripes, none = (
        np.abs(np.diff(one[2:12].astype(int).sum(axis=2), axis=1)).mean() for one in (sharp, blurred)
    )
    assert stripes > 3 * none


@pytest.mark.parametrize(
    ("lose", "message"),
    [
        pytest.param(lambda weights: weights.unlink(), "give the right file with --weights", id="gone"),
        pytest.param(
            lambda weights: weights.write_bytes(b"other"), "is missing or holds other weights", id="others"
        ),
    ],
)
def test_without_the_weights_of_the_run_no_page_is_written(
    tmp_path: Path, lose: Callable[[Path], None], message: str
) -> None:
    weights = tmp_path / "own.safetensors"
    run = with_network(write_run(tmp_path / "run"), weights, FGREID)
    kept = weights.rename(tmp_path / "kept.safetensors")
    weights.write_bytes(b"")
    lose(weights)
    result = report(run)
    assert result.exit_code == 1 and message in result.stderr
    assert not (run / "report.html").exists()
    assert report(run, "--weights", kept).exit_code == 0


def test_a_network_without_attention_is_named(tmp_path: Path) -> None:
    design = replace(FGREID, heads="coarse")
    result = report(with_network(write_run(tmp_path / "run"), tmp_path / "own.safetensors", design))
    assert result.exit_code == 1 and "has attention to show" in result.stderr


def test_options_for_attention_are_refused_without_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(write_run(tmp_path / "run")), "--device", "cpu"])
    assert result.exit_code == 2 and "need --attention" in result.stderr
