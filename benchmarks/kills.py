"""Kill a run at random moments, resume it, and compare its CSVs with those of an uninterrupted run.

    python benchmarks/kills.py FOLDER [--kills 20] -- scene/east.mp4 scene/west.mp4 --detections scene/detections.csv

What stands behind `--` goes to `reid-pipeline match`. Every kill is a SIGKILL to the run and falls, evenly
spread, between its first committed part and the time an uninterrupted run takes. A run that ends before its
kill is compared, deleted and begun anew.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

CSVS = ("tracks.csv", "tracklets.csv", "matches.csv")


def start(arguments: list[str], out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cli.main", "match", *arguments, "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def contents(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in CSVS]


def committed(run: Path) -> bool:
    return any(run.glob("parts/*/*.boxes.parquet"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("match", nargs="+")
    arguments = parser.parse_args()
    whole, broken = arguments.folder / "whole", arguments.folder / "broken"
    shutil.rmtree(arguments.folder, ignore_errors=True)
    began = time.monotonic()
    if start(arguments.match, whole).wait():
        raise SystemExit("the uninterrupted run failed; run the command by itself to see why")
    length = time.monotonic() - began
    print(f"uninterrupted: {length:.1f} s", flush=True)
    moments = random.Random(arguments.seed)
    kills = runs = different = 0
    while kills < arguments.kills or broken.exists():
        process = start(arguments.match, broken)
        while process.poll() is None and not committed(broken):
            time.sleep(0.01)
        try:
            process.wait(moments.uniform(0, length) if kills < arguments.kills else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            continue
        runs += 1
        different += process.returncode != 0 or contents(broken) != contents(whole)
        shutil.rmtree(broken)
    print(f"{kills} kills over {runs} runs: {different} ended otherwise than the uninterrupted one")
    raise SystemExit(bool(different))


if __name__ == "__main__":
    main()
