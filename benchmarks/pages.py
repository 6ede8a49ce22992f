"""How long does a report of 1,000 identities take to open and to filter, in headless Chromium?

python -m benchmarks.report --identities 1000 [--keep report.html]

The run is made up (each identity in one to three of four cameras, four pictures a tracklet), the page is real.
Opening ends when the first cards are on the screen; filtering when the cards of the new filter are. Scrolling
goes through the whole list; the longest frame tells whether anything froze.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import pyarrow as pa

from pipeline.folder.store import BOXES, CROPS, TRACKS, RunFolder
from pipeline.report.write import write_report
from pipeline.results.tables import MATCHES, TRACKLETS
from pipeline.tracking.crops import encode_crop

CAMERAS = ("gate", "hall", "stairs", "yard")
FRAMES, PICTURES = 48, 8
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
FILTER = """(value) => new Promise((done) => {
  const began = performance.now();
  const control = document.querySelector("#filters [name=camera]");
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))));
})"""
OPENED = (
    """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"""
)


@click.command()
@click.option("--identities", default=1000, show_default=True)
@click.option("--keep", type=click.Path(dir_okay=False, path_type=Path), help="Keep the page, to look at it.")
def main(identities: int, keep: Path | None) -> None:
    """Make a run, write its report, and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        tracklets, links = made_up(run, identities)
        began = time.perf_counter()
        write_report(run, run / "report.html", blur="none")
        took = time.perf_counter() - began
        size = (run / "report.html").stat().st_size / 1e6
        click.echo(
            f"{identities} identities, {tracklets} tracklets, {links} links: {took:.1f} s, {size:.1f} MB"
        )
        if keep is not None:
            shutil.copy(run / "report.html", keep)
        measure(run / "report.html")


def measure(path: Path) -> None:
    """Print how long the browser takes."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.set_default_timeout(180_000)
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector("#cards .card")
            load = page.evaluate(OPENED)
            filters = [page.evaluate(FILTER, value) for value in ("hall", "", "yard", "gate", "")]
            longest, cards = page.evaluate(SCROLL)
            click.echo(
                f"{width} px: open {load:.0f} ms, filter {np.median(filters):.0f} ms (worst {max(filters):.0f}), "
                f"scroll through {cards} cards, longest frame {longest:.0f} ms"
            )
        browser.close()


def made_up(run: Path, identities: int) -> tuple[int, int]:
    """Write a run of many identities; gives how many tracklets and links it has."""
    rng = np.random.default_rng(0)
    run.mkdir()
    seen = []  # camera, track, identity, first frame
    for identity in range(1, identities + 1):
        visited = rng.permutation(CAMERAS)[: rng.integers(1, 4)].tolist()
        begin = int(rng.integers(0, 36_000))
        seen += [(camera, identity, identity, begin + 100 * n) for n, camera in enumerate(visited)]
    seen.sort()
    rows = [
        f"{c},{t},{i},person,{f},{f + FRAMES},{f / 10},{f / 10 + 4.8},48,8,0.5,linked\n"
        for c, t, i, f in seen
    ]
    (run / "tracklets.csv").write_text(f"{TRACKLETS}\n{''.join(rows)}")
    links = list(_links(seen, rng))
    (run / "matches.csv").write_text(f"{MATCHES}\n{''.join(links)}")
    cameras = {name: {"file": f"{name}.mp4", "offset_known": True} for name in CAMERAS}
    (run / "run.json").write_text(json.dumps({"state": "done", "cameras": cameras, "warnings": []}))
    for camera in CAMERAS:
        _pictures(run, camera, [(track, frame) for name, track, _, frame in seen if name == camera], rng)
    return len(seen), len(links)


def _links(seen: list[tuple[str, int, int, int]], rng: np.random.Generator) -> list[str]:
    """Link those of one identity, and turn down two others for each tracklet."""
    rows: list[str] = []
    for place, (camera, track, identity, frame) in enumerate(seen):
        own = [other for other in seen[place + 1 :] if other[2] == identity]
        others = [seen[int(i)] for i in rng.integers(0, len(seen), 6)]
        for b in own + [other for other in others if other[2] != identity and other[0] != camera][:3]:
            same = b[2] == identity
            score = rng.uniform(0.7, 0.95) if same else rng.uniform(0.1, 0.68)
            decision = "accepted" if same else "rejected"
            reason = f"cosine {score:.3f} " + ("reaches" if same else "is under") + " the threshold 0.650"
            rows.append(
                f"{len(rows) + 1},{identity if same else ''},person,{camera},{track},{frame / 10},{frame / 10 + 4.8},"
                f"{b[0]},{b[1]},{b[3] / 10},{b[3] / 10 + 4.8},{(b[3] - frame) / 10 - 4.8:.1f},{score:.4f},,{score:.4f},"
                f",,0.6500,{decision},{reason}\n"
            )
    return rows


def _pictures(run: Path, camera: str, tracks: list[tuple[int, int]], rng: np.random.Generator) -> None:
    """Store pictures as grainy as footage is, which is what makes them large."""
    parts = RunFolder(run).camera(camera)
    parts.folder.mkdir(parents=True)
    grain = [np.asarray(rng.normal(0, 9, (160, 80, 3))) for _ in range(8)]
    crops = []
    for track, first in tracks:
        base = np.kron(rng.integers(40, 215, (5, 3, 3)), np.ones((32, 27, 1)))[:, :80]
        for n in range(PICTURES):
            picture = np.clip(base + grain[n % 8], 0, 255).astype(np.uint8)
            frame = first + n * FRAMES // PICTURES
            crops.append({"track": track, "frame": frame, "quality": 0.5, "jpeg": encode_crop(picture)})
    known = [{"frame": frame, "track": track} for track, frame in tracks]
    parts.commit(
        boxes=pa.Table.from_pylist([], schema=BOXES),
        tracks=pa.Table.from_pylist(known, schema=TRACKS),
        crops=pa.Table.from_pylist(crops, schema=CROPS),
    )


if __name__ == "__main__":
    main()
