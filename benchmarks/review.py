"""How long does the review's page keep a person waiting, from a key until the next pair is on the screen?

python -m benchmarks.review --links 50

The run is made up as in benchmarks.report (pictures as grainy as footage), server and page are real, in headless
Chromium. A pair is on the screen when all its pictures are decoded and a frame was drawn with them. Every
answer is the true one, and is written to corrections.csv; the time to look is the person's own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import numpy as np

from benchmarks.report import CAMERAS, made_up
from pipeline.config import RunConfig
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.results.settings_saved import given

ANSWER = """async () => {
  const asked = document.querySelector(".question");
  const track = (name) => name.split("/")[1];
  const key = track(asked.dataset.a) === track(asked.dataset.b) ? "y" : "n";
  const began = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const shown = document.querySelector(".question");
  if (shown === asked) throw new Error("the pair did not change");
  await Promise.all([...shown.querySelectorAll("img")].map((one) => one.decode()));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""


@click.command()
@click.option("--links", default=50, show_default=True, help="Doubtful links to settle.")
@click.option("--identities", default=400, show_default=True)
def main(links: int, identities: int) -> None:
    """Make a run, serve it, and settle doubtful links with the keyboard."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        tracklets, _ = made_up(run, identities)
        _tell_how_it_was_made(run)
        command = [sys.executable, "-u", "-m", "cli.main", "review", str(run), "--no-browser"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            waited, counter = settle(server.stdout.readline().strip(), links)
        finally:
            server.terminate()
            server.wait()
        rows = len((run / "corrections.csv").read_text(encoding="utf-8").splitlines()) - 1
    click.echo(
        f"{identities} identities, {tracklets} tracklets; {links} links settled, {rows} rows written ({counter}): "
        f"{np.mean(waited) / 1000:.3f} s a link, median {np.median(waited) / 1000:.3f}, worst {max(waited) / 1000:.3f}"
    )


def settle(address: str, links: int) -> tuple[list[float], str]:
    """Answer so many questions; milliseconds of each, and what the page's counter then says."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(address)
        page.wait_for_selector(".question")
        waited = [float(page.evaluate(ANSWER)) for _ in range(links)]
        page.wait_for_function("(n) => document.querySelectorAll('#said li').length === n", arg=links)
        counter = page.locator("#left").inner_text()
        browser.close()
    return waited, counter


def _tell_how_it_was_made(run: Path) -> None:
    """Add to the record what a review needs to match again."""
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    cameras = CameraSet(tuple(Camera(name, Path(f"{name}.mp4")) for name in CAMERAS))
    record["given"] = given(cameras, RunConfig())
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main()
