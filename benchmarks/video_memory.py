"""How much memory and processor time does reading video take, whatever its length?

    python -m benchmarks.video_memory [--frames 6000] [--groups 12 50 250]

writes a 720p file of one minute and one of sixty for each group-of-pictures length (ten seconds of moving noise,
looped by copying packets), reads both with a consumer that sleeps after each frame, and prints the peak of the
resident memory of this process and the decoder together, the pages they share counted twice. Then it prints the
processor time a frame of our reader (both processes, start-up taken out), of bare decord and of bare PyAV.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil

from pipeline.footage.reader import FrameReader, probe

WIDTH, HEIGHT, RATE, SECONDS = 1280, 720, 25, 10
BOUND = 300
"""MB that sixty minutes may take more than one."""
DECORD = """
import decord, resource, sys
def used(): u = resource.getrusage(resource.RUSAGE_SELF); return u.ru_utime + u.ru_stime
before, reader = used(), decord.VideoReader(sys.argv[1], num_threads=1)
for _ in range(len(reader)): reader.next().asnumpy()
print((used() - before) / len(reader))
"""
PYAV = """
import av, resource, sys
def used(): u = resource.getrusage(resource.RUSAGE_SELF); return u.ru_utime + u.ru_stime
before, frames = used(), 0
with av.open(sys.argv[1]) as container:
    container.streams.video[0].thread_count = 1
    for frame in container.decode(video=0): frame.to_ndarray(format="rgb24"); frames += 1
print((used() - before) / frames)
"""


def write_clip(path: Path, group: int) -> None:
    """Encode ten seconds of soft noise that drifts, with squares crossing it."""
    noise = np.random.default_rng(0).integers(60, 190, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = group
        for place in range(RATE * SECONDS):
            pixels = np.roll(noise, place, axis=1).repeat(8, axis=0).repeat(8, axis=1)
            pixels[200:400, place * 4 : place * 4 + 100] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def loop(clip: Path, path: Path, times: int) -> None:
    """Copy a clip's packets `times` times after one another."""
    with av.open(str(path), "w") as target:
        stream: Any = None
        for turn in range(times):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                stream = stream or target.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.size:
                        shift = round(turn * SECONDS / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = stream
                        target.mux(packet)


def peak_memory(path: Path, frames: int, pause: float) -> tuple[float, int, int]:
    """Peak MB while reading `frames` frames with a pause after each; how many of how many were read."""
    peak, done, own = 0, threading.Event(), psutil.Process()

    def sample() -> None:
        nonlocal peak
        while not done.wait(0.05):
            with contextlib.suppress(psutil.NoSuchProcess):
                peak = max(peak, sum(process.memory_info().rss for process in [own, *own.children()]))

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


def ours(path: Path, stride: int) -> float:
    """Processor seconds a kept frame, of both processes, the start-up (ten seconds' reading) taken out."""
    used, counts = [], []
    for seconds in (SECONDS, 6 * SECONDS):
        footage = probe(path)
        before = os.times()
        with FrameReader(footage, end=seconds, stride=stride) as reader:
            counts.append(sum(1 for _ in reader))
        after = os.times()
        used.append(sum(after[:4]) - sum(before[:4]))
    return (used[1] - used[0]) / (counts[1] - counts[0])


def bare(program: str, path: Path) -> float:
    return float(
        subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
        ).stdout
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=6000, help="most frames read of each file")
    parser.add_argument("--pause", type=float, default=0.005, help="seconds slept after each frame")
    parser.add_argument(
        "--groups", type=int, nargs="+", default=[12, 50, 250], help="frames from keyframe to keyframe"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for group in options.groups:
            clip, minute, hour = (Path(folder) / name for name in ("clip.mp4", "minute.mp4", "hour.mp4"))
            write_clip(clip, group)
            loop(clip, minute, 60 // SECONDS)
            loop(clip, hour, 3600 // SECONDS)
            short, *_ = peak_memory(minute, options.frames, options.pause)
            long, read, of = peak_memory(hour, options.frames, options.pause)
            print(
                f"keyframe every {group}: 1 min {short:.0f} MB, 60 min {long:.0f} MB ({read} of {of} frames read)"
            )
            print(f"  difference {long - short:+.0f} MB, bound {BOUND} MB")
            print(
                f"  CPU ms a frame: ours {ours(minute, 1) * 1e3:.2f}, stride 5 {ours(minute, 5) * 1e3:.2f} a kept frame"
            )
            print(
                f"  bare decord {bare(DECORD, minute) * 1e3:.2f}, bare PyAV {bare(PYAV, minute) * 1e3:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
