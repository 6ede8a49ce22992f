"""Measure the memory of reading video, which must not grow with the length of the video.

    python -m benchmarks.video_memory [--frames 6000] [--group 12 --group 50 --group 250]

For each distance of keyframes, it writes a 720p video of one minute and one of sixty (ten seconds of moving noise,
repeated by copying packets). It reads both, sleeps after each frame, and prints the peak resident memory of this process
and the decoder process together; shared pages count twice.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import av
import click
import numpy as np
import psutil

from pipeline.footage.reader import FrameReader

WIDTH, HEIGHT, RATE, SECONDS = 1280, 720, 25, 10
BOUND = 300
"""MB that the reading of sixty minutes may take more than that of one minute."""


@click.command()
@click.option("--frames", default=6000, show_default=True, help="Maximum frames read of each file.")
@click.option("--pause", default=0.005, show_default=True, help="Seconds to sleep after each frame.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    default=(12, 50, 250),
    show_default=True,
    help="Frames between keyframes.",
)
def main(frames: int, pause: float, groups: tuple[int, ...]) -> None:
    """Print the peak memory of reading videos of one minute and of sixty."""
    with tempfile.TemporaryDirectory() as folder:
        for group in groups:
            clip, minute, hour = (Path(folder) / name for name in ("clip.mp4", "minute.mp4", "hour.mp4"))
            write_clip(clip, group)
            repeat_clip(clip, minute, 60 // SECONDS)
            repeat_clip(clip, hour, 3600 // SECONDS)
            short, *_ = peak_memory(minute, frames, pause)
            long, read, expected = peak_memory(hour, frames, pause)
            click.echo(
                f"keyframe every {group} frames: 1 min {short:.0f} MB, 60 min {long:.0f} MB "
                f"({read} of {expected} frames read)\n"
                f"  difference {long - short:+.0f} MB, bound {BOUND} MB"
            )


def write_clip(path: Path, group: int) -> None:
    """Write ten seconds of soft, moving noise, crossed by a square."""
    noise = np.random.default_rng(0).integers(60, 190, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = group
        for number in range(RATE * SECONDS):
            pixels = np.roll(noise, number, axis=1).repeat(8, axis=0).repeat(8, axis=1)
            pixels[200:400, number * 4 : number * 4 + 100] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def repeat_clip(clip: Path, path: Path, times: int) -> None:
    """Write the packets of a clip several times in a row."""
    with av.open(str(path), "w") as target:
        stream: Any = None
        for repetition in range(times):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                stream = stream or target.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.size:
                        shift = round(repetition * SECONDS / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = stream
                        target.mux(packet)


def peak_memory(path: Path, frames: int, pause: float) -> tuple[float, int, int]:
    """Read at most `frames` frames; return the peak memory in MB, and the numbers of read and expected frames."""
    peak, done, process = 0, threading.Event(), psutil.Process()

    def sample() -> None:
        nonlocal peak
        while not done.wait(0.05):
            with contextlib.suppress(psutil.NoSuchProcess):
                peak = max(peak, sum(p.memory_info().rss for p in (process, *process.children())))

    sampler = threading.Thread(target=sample)
    sampler.start()
    with FrameReader(path) as reader:
        for _ in reader:
            time.sleep(pause)
            if reader.decoded >= frames:
                break
    done.set()
    sampler.join()
    return peak / 1e6, reader.decoded, reader.expected or 0


if __name__ == "__main__":
    main()
