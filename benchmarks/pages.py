"""Measure how long the pages of `report` and `review` take in headless Chromium.

    python -m benchmarks.pages report --identities 1000 [--keep report.html]
    python -m benchmarks.pages review --links 50

`report` measures opening until the first cards are shown, filtering until the new cards are shown, and the longest
frame while scrolling through all cards. `review` measures the time from a key until all pictures of the next pair are
decoded and drawn; each answer is written to corrections.csv. The run is made up: four cameras, one to three tracklets
per identity, eight pictures per tracklet, as grainy as those of real footage.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pyarrow as pa

from pipeline.config import RunConfig
from pipeline.folder.store import BOXES, CROPS, TRACKS, RunFolder
from pipeline.footage.cameras import Camera
from pipeline.footage.recording import Recording
from pipeline.report.write import write_report
from pipeline.results.records import read_run
from pipeline.results.run_record import RunInputs
from pipeline.tracking.crops import encode_crop
from tests.runs import camera_record, run_record, write_run

CAMERAS = ("gate", "hall", "stairs", "yard")
RATE, FRAMES, PICTURES = 10, 49, 8
"""Frames per second, and frames and pictures per tracklet."""
LENGTH = (FRAMES - 1) / RATE
"""Seconds from the first to the last frame of a tracklet."""
OPENED = (
    """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"""
)
FILTER = """(camera) => new Promise((done) => {
  const started = performance.now();
  const control = document.querySelector("#filters [name=camera]");
  control.value = camera;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => requestAnimationFrame(() => setTimeout(() => done(performance.now() - started))));
})"""
SCROLL = """() => new Promise((done) => {
  let longest = 0, last = performance.now(), still = 0;
  const frame = (now) => {
    longest = Math.max(longest, now - last);
    last = now;
    const before = scrollY;
    scrollBy(0, 600);
    still = scrollY === before ? still + 1 : 0;
    still > 30 ? done([longest, document.querySelectorAll("#cards .card").length]) : requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""
ANSWER = """async () => {
  const question = document.querySelector(".question");
  const track = (name) => name.split("/")[1];
  const key = track(question.dataset.a) === track(question.dataset.b) ? "y" : "n";
  const started = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const next = document.querySelector(".question");
  if (next === question) throw new Error("the pair did not change");
  await Promise.all([...next.querySelectorAll("img")].map((image) => image.decode()));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - started;
}"""


@click.group()
def main() -> None:
    """Measure the pages of `report` and `review` in headless Chromium."""


@main.command()
@click.option("--identities", default=1000, show_default=True)
@click.option("--keep", type=click.Path(dir_okay=False, path_type=Path), help="Copy the report to this file.")
def report(identities: int, keep: Path | None) -> None:
    """Write the report of a made-up run, open, filter and scroll it."""
    with tempfile.TemporaryDirectory() as folder:
        run, path = Path(folder) / "run", Path(folder) / "report.html"
        tracklets, links = make_run(run, identities)
        started = time.perf_counter()
        write_report(read_run(run), path, blur="none")
        seconds, size = time.perf_counter() - started, path.stat().st_size / 1e6
        click.echo(
            f"{identities} identities, {tracklets} tracklets, {links} links: "
            f"written in {seconds:.1f} s, {size:.1f} MB"
        )
        if keep is not None:
            shutil.copy(path, keep)
        with _browser() as browser:
            for width in (1280, 390):
                page = browser.new_page(viewport={"width": width, "height": 900})
                page.set_default_timeout(180_000)
                page.goto(path.as_uri(), wait_until="commit")
                page.wait_for_selector("#cards .card")
                opened = page.evaluate(OPENED)
                filtered = [page.evaluate(FILTER, camera) for camera in ("hall", "", "yard", "gate", "")]
                longest, cards = page.evaluate(SCROLL)
                click.echo(
                    f"{width} pixels wide: open {opened:.0f} ms, filter {np.median(filtered):.0f} ms "
                    f"(slowest {max(filtered):.0f}), longest frame while scrolling through {cards} cards "
                    f"{longest:.0f} ms"
                )


@main.command()
@click.option("--links", default=50, show_default=True, help="Doubtful links to decide.")
@click.option("--identities", default=400, show_default=True)
def review(links: int, identities: int) -> None:
    """Serve the review of a made-up run and decide doubtful links with the keyboard."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        tracklets, _ = make_run(run, identities)
        command = [sys.executable, "-u", "-m", "cli.main", "review", str(run), "--no-browser"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            milliseconds = _decide_links(server.stdout.readline().strip(), links)
        finally:
            server.terminate()
            server.wait()
        rows = len((run / "corrections.csv").read_text(encoding="utf-8").splitlines()) - 1
    seconds = np.array(milliseconds) / 1000
    click.echo(
        f"{identities} identities, {tracklets} tracklets; {links} links decided, {rows} corrections written: "
        f"{seconds.mean():.3f} s per link, median {np.median(seconds):.3f}, slowest {seconds.max():.3f}"
    )


def _decide_links(address: str, links: int) -> list[float]:
    """Decide doubtful links, and return the milliseconds of each until the next pair is shown."""
    with _browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(address)
        page.wait_for_selector(".question")
        milliseconds = [float(page.evaluate(ANSWER)) for _ in range(links)]
        saved = "(n) => document.querySelectorAll('#decisions li').length === n"
        page.wait_for_function(saved, arg=links)
    return milliseconds


@contextmanager
def _browser() -> Iterator[Any]:
    """Open headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


class Visit(NamedTuple):
    """A tracklet of the made-up run; its track number is its identity."""

    camera: str
    identity: int
    first: int
    """First frame."""

    @property
    def span(self) -> tuple[float, float]:
        """First and last second."""
        return self.first / RATE, self.first / RATE + LENGTH


def make_run(run: Path, identities: int) -> tuple[int, int]:
    """Write a run with many identities, and return its numbers of tracklets and of considered links."""
    rng = np.random.default_rng(0)
    visits: list[Visit] = []
    for identity in range(1, identities + 1):
        cameras = rng.permutation(CAMERAS)[: rng.integers(1, 4)].tolist()
        first = int(rng.integers(0, 36_000))
        visits += [Visit(camera, identity, first + 100 * n) for n, camera in enumerate(cameras)]
    visits.sort()
    links = _links(visits, rng)
    files = {name: Path(f"{name}.mp4") for name in CAMERAS}
    inputs = RunInputs(
        tuple(Camera(name, Recording((path,))) for name, path in files.items()), (), RunConfig()
    )
    record = run_record(
        given=inputs, cameras={name: camera_record(file=str(path)) for name, path in files.items()}
    )
    rows = [
        f"{visit.camera},{visit.identity},{visit.identity},person,{visit.first},{visit.first + FRAMES - 1},"
        f"{visit.span[0]:.3f},{visit.span[1]:.3f},{FRAMES},{PICTURES},0.5000,linked"
        for visit in visits
    ]
    write_run(run, record=record, tracklets=rows, matches=links)
    for camera in CAMERAS:
        _write_crops(run, camera, [visit for visit in visits if visit.camera == camera], rng)
    return len(visits), len(links)


def _links(visits: list[Visit], rng: np.random.Generator) -> list[str]:
    """Return rows of matches.csv: links within identities, and up to three rejected pairs per tracklet."""
    rows: list[str] = []
    for place, a in enumerate(visits):
        same = [b for b in visits[place + 1 :] if b.identity == a.identity]
        others = [visits[int(i)] for i in rng.integers(0, len(visits), 6)]
        rejected = [b for b in others if b.identity != a.identity and b.camera != a.camera]
        for b in same + rejected[:3]:
            accepted = a.identity == b.identity
            score = rng.uniform(0.7, 0.95) if accepted else rng.uniform(0.1, 0.68)
            decision = "accepted" if accepted else "rejected"
            reason = f"cosine {score:.3f} {'reaches' if accepted else 'is under'} the threshold 0.650"
            sides = ",".join(
                f"{visit.camera},{visit.identity},{visit.span[0]:.3f},{visit.span[1]:.3f}" for visit in (a, b)
            )
            rows.append(
                f"{len(rows) + 1},{a.identity if accepted else ''},person,{sides},{b.span[0] - a.span[1]:.3f},"
                f"{score:.4f},,{score:.4f},,,0.6500,{decision},program,{reason}"
            )
    return rows


def _write_crops(run: Path, camera: str, visits: list[Visit], rng: np.random.Generator) -> None:
    """Store the pictures of one camera; their grain makes them as large as those of footage."""
    parts = RunFolder(run).camera(camera)
    parts.folder.mkdir(parents=True)
    grain = [np.asarray(rng.normal(0, 9, (160, 80, 3))) for _ in range(PICTURES)]
    crops = []
    for visit in visits:
        base = np.kron(rng.integers(40, 215, (5, 3, 3)), np.ones((32, 27, 1)))[:, :80]
        for n in range(PICTURES):
            pixels = np.clip(base + grain[n], 0, 255).astype(np.uint8)
            frame = visit.first + n * FRAMES // PICTURES
            crops.append(
                {"track": visit.identity, "frame": frame, "quality": 0.5, "jpeg": encode_crop(pixels)}
            )
    tracks = [{"frame": visit.first, "track": visit.identity} for visit in visits]
    parts.commit(
        boxes=pa.Table.from_pylist([], schema=BOXES),
        tracks=pa.Table.from_pylist(tracks, schema=TRACKS),
        crops=pa.Table.from_pylist(crops, schema=CROPS),
    )


if __name__ == "__main__":
    main()
