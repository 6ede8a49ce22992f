"""`reid-pipeline match`: who in one camera is who in another."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli.completion import complete_files
from cli.from_file import read_defaults
from cli.numbers import FiniteRange
from cli.progress import show_progress, warn
from cli.sections import Sectioned
from cli.weights import NetworkFile
from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.footage.cameras import gather
from pipeline.matching.config import MatchingConfig
from pipeline.tracking.config import TrackingConfig

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DETECT = TrackingConfig()
EMBED = EmbeddingConfig()
MATCH = MatchingConfig()


@click.command(cls=Sectioned, short_help="Find the same person or vehicle across recordings.")
@click.argument("videos", nargs=-1, metavar="[NAME=]VIDEO...", shell_complete=complete_files)
@click.option(
    "--out",
    default="reid-run",
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Run folder: results, and work to go on from.",
)
@click.option(
    "--cameras",
    "cameras_file",
    type=FILE,
    help="TOML file of cameras: names, files, clock offsets, ways between them.",
)
@click.option(
    "--classes",
    multiple=True,
    metavar="CLASS",
    help="Class the detector looks for, by name or number; may be repeated.  [default: people and vehicles]",
)
@click.option(
    "--vid-stride",
    default=DETECT.vid_stride,
    show_default=True,
    type=click.IntRange(min=1),
    help="Look at every n-th frame.",
)
@click.option(
    "--corrections",
    type=FILE,
    help="CSV file of what you know better: tracklet_a,tracklet_b,verdict (same, different, ignore), as in "
    "gate/17,yard/4,same.",
)
@click.option(
    "--config",
    type=FILE,
    is_eager=True,
    expose_value=False,
    callback=read_defaults,
    help="TOML file of these options by their long names, as in clip-length = 4; what is given here beats it.",
)
@click.option("--overwrite", is_flag=True, help="Delete what an earlier run left in DIR and begin anew.")
@click.option("--device", metavar="DEVICE", help="cpu, 0, cuda:0, mps.  [default: a GPU if there is one]")
@click.option("--half", is_flag=True, help="Half precision, on a GPU.")
@click.option(
    "--detections",
    multiple=True,
    shell_complete=complete_files,
    metavar="[NAME=]FILE",
    help="Recorded boxes or tracks (MOTChallenge or CSV) instead of a detector; once for all cameras or once for each.",
)
@click.option(
    "--detector-weights",
    shell_complete=complete_files,
    metavar="FILE",
    help="Ultralytics detection weights, or 'shipped' for those that come with this program.  "
    "[default: yolo11n.pt where it can be had, else shipped]",
)
@click.option(
    "--imgsz",
    type=click.IntRange(min=32),
    help="Longer side of the picture the detector sees, in pixels.  [default: the footage's, from 640 to 960]",
)
@click.option(
    "--conf",
    default=DETECT.conf,
    show_default=True,
    type=FiniteRange(0, 1),
    help="Lowest confidence of a box.",
)
@click.option(
    "--iou",
    default=DETECT.iou,
    show_default=True,
    type=FiniteRange(0, 1),
    help="Overlap from which two boxes are one object.",
)
@click.option(
    "--start", type=FiniteRange(), metavar="SECONDS", help="Leave out what is before, on the shared timeline."
)
@click.option("--end", type=FiniteRange(), metavar="SECONDS", help="Leave out what is after.")
@click.option(
    "--weights",
    type=NetworkFile(),
    metavar="FILE|DIR",
    help="Weights of the ReID network, for all classes (.safetensors, .pt), or the folder that `train` wrote.  [default: "
    "those that come with this program]",
)
@click.option(
    "--clips",
    type=click.IntRange(min=1),
    help="Most clips of a tracklet that are embedded.  [default: 8 without a GPU, 32 with one]",
)
@click.option(
    "--clip-length",
    default=EMBED.clip_length,
    show_default=True,
    type=click.IntRange(min=1),
    help="Frames a clip.",
)
@click.option(
    "--min-boxes",
    default=EMBED.min_boxes,
    show_default=True,
    type=click.IntRange(min=1),
    help="Tracklets of fewer boxes are left out; a box at a stride of n counts n times.",
)
@click.option(
    "--min-area",
    default=EMBED.min_area,
    show_default=True,
    type=FiniteRange(min=0),
    help="Tracklets whose median box has fewer square pixels are left out.",
)
@click.option(
    "--seed",
    default=EMBED.seed,
    show_default=True,
    type=click.IntRange(0, 2**63 - 1),
    help="Of an untrained network's weights.",
)
@click.option(
    "--threshold",
    type=FiniteRange(-1, 1),
    help=f"Smallest score of a link between cameras; within one it stays the network's own, or rises to this.  "
    f"[default: the network's own, else {MATCH.threshold}]",
)
@click.option(
    "--margin",
    default=MATCH.margin,
    show_default=True,
    type=FiniteRange(min=0),
    help="A link that is not this much better than with the runner-up instead stays open.",
)
@click.option(
    "--centre-cameras",
    metavar="N",
    type=click.IntRange(min=1),
    help="Take each camera's own look out of the embeddings, where every camera shows N of a class or more; the "
    "networks' thresholds were not measured for that.  [default: never]",
)
@click.option(
    "--false-match-rate",
    metavar="RATE",
    type=FiniteRange(0, 1, min_open=True, max_open=True),
    help="Choose the threshold from the run itself, so that this share of pairs of two objects reaches it, as in 0.01; "
    "needs a hundred pairs seen side by side in one camera.",
)
@click.option(
    "--calibration",
    type=FILE,
    help="Thresholds that `reid-pipeline calibrate` measured by labels.",
)
@click.option(
    "--transitions",
    shell_complete=complete_files,
    metavar="FILE|run",
    help="Let travel times count: those that `reid-pipeline transitions` learnt, or 'run' for what this run's own "
    "safest links teach. All clocks must be known.",
)
@click.option(
    "--estimate-offsets",
    is_flag=True,
    help="Look for the cameras' clock offsets in the safest links; they are printed, never applied.",
)
def match(
    videos: tuple[str, ...],
    out: Path,
    overwrite: bool,
    cameras_file: Path | None,
    detections: tuple[str, ...],
    detector_weights: str | None,
    weights: Path | None,
    device: str | None,
    half: bool,
    imgsz: int | None,
    conf: float,
    iou: float,
    classes: tuple[str, ...],
    vid_stride: int,
    start: float | None,
    end: float | None,
    clips: int | None,
    clip_length: int,
    min_boxes: int,
    min_area: float,
    seed: int,
    threshold: float | None,
    margin: float,
    centre_cameras: int | None,
    false_match_rate: float | None,
    calibration: Path | None,
    transitions: str | None,
    estimate_offsets: bool,
    corrections: Path | None,
) -> None:
    """Find which person or vehicle in one camera is which in another.

    One VIDEO a camera, named by its file or as NAME=VIDEO. The results are tracks.csv (every box),
    tracklets.csv (everyone seen by a camera) and matches.csv (links and their closest rivals, with reasons);
    run.json records what was run. Run the same command again to go on after an interruption.
    """
    config = RunConfig(
        tracking=TrackingConfig(
            weights=detector_weights,
            imgsz=imgsz,
            conf=conf,
            iou=iou,
            classes=classes,
            half=half,
            vid_stride=vid_stride,
            start=start,
            end=end,
        ),
        embedding=EmbeddingConfig(
            weights=weights,
            clips=clips,
            clip_length=clip_length,
            min_boxes=min_boxes,
            min_area=min_area,
            seed=seed,
        ),
        matching=MatchingConfig(margin=margin, centring_minimum=centre_cameras),
        threshold=threshold,
        false_match_rate=false_match_rate,
        calibration=calibration,
        transitions="run" if transitions == "run" else Path(transitions) if transitions else None,
        estimate_offsets=estimate_offsets,
        corrections=corrections,
        device=device,
    )
    from cli.summary import show_summary  # what they import takes longer than --help may
    from pipeline.run import match as run_match

    cameras = gather(videos, cameras_file=cameras_file, detections=detections)
    try:
        with show_progress() as begin:
            result = run_match(
                cameras, config, out, overwrite=overwrite, command=sys.argv[1:], begin=begin, warn=warn
            )
    except KeyboardInterrupt:
        again = "the same command, without --overwrite," if overwrite else "the same command"
        click.echo(f"stopped; give {again} again to go on from what is in {out}", err=True)
        raise click.exceptions.Exit(130) from None
    show_summary(result)
    if result.failures:
        raise click.exceptions.Exit(1)
