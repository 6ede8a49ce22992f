"""`reid-pipeline match`: find the same person or vehicle in several cameras."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cli.config_file import ConfigFileOption, read_defaults
from cli.logs import shows_progress, warn
from cli.options import DEVICE, FILE, FRAME_SIZE, SECONDS, FiniteRange, NetworkFile, complete_files
from cli.progress import show_progress
from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.footage.cameras import cameras_from_arguments
from pipeline.matching.config import MatchingConfig
from pipeline.tracking.config import TrackingConfig

TRACKING = TrackingConfig()
EMBEDDING = EmbeddingConfig()
MATCHING = MatchingConfig()
SECTIONS = {
    "--out": "Inputs and output",
    "--config": "How it runs",
    "--detections": "Detection and tracking",
    "--weights": "Embedding",
    "--threshold": "Matching",
    "--help": "How it runs",
    "--json": "How it runs",
}
"""Titles in --help, by the option that begins a section; later options belong to the same section."""


class SectionedCommand(click.Command):
    """A command whose --help shows its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        title = "Options"
        for param in self.get_params(ctx):
            title = next((SECTIONS[option] for option in param.opts if option in SECTIONS), title)
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


@click.command(
    "match", cls=SectionedCommand, short_help="Find the same person or vehicle in several recordings."
)
@click.argument("videos", nargs=-1, metavar="[NAME=]VIDEO...", shell_complete=complete_files)
@click.option(
    "--out",
    default="reid-run",
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Run folder; a run in it is resumed.",
)
@click.option(
    "--cameras",
    "cameras_file",
    type=FILE,
    help="TOML file of cameras: files, clocks, ways between them.",
)
@click.option(
    "--corrections",
    type=FILE,
    help="CSV file: tracklets to link, to keep apart or to ignore.",
)
@click.option(
    "--start", type=SECONDS, metavar="SECONDS", help="Skip footage before this time on the timeline."
)
@click.option("--end", type=SECONDS, metavar="SECONDS", help="Skip footage after this time on the timeline.")
@click.option(
    "--vid-stride",
    default=TRACKING.vid_stride,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=1),
    help="Read every N-th frame only.",
)
@click.option(
    "--config",
    type=FILE,
    is_eager=True,
    expose_value=False,
    callback=read_defaults,
    help="TOML file of options; the command line overrides it.",
)
@click.option("--overwrite", is_flag=True, help="Delete an earlier run in DIR before starting.")
@DEVICE
@click.option(
    "--detections",
    multiple=True,
    shell_complete=complete_files,
    metavar="[NAME=]FILE",
    help="Precomputed boxes or tracks (CSV, MOTChallenge).",
)
@click.option(
    "--detections-fps",
    metavar="FPS",
    type=FiniteRange(0, 1000, min_open=True),
    help="Their frame rate, if not the footage's.",
)
@click.option(
    "--detections-size",
    metavar="WxH",
    type=FRAME_SIZE,
    help="Their frame size, if not the footage's.",
)
@click.option(
    "--detector-weights",
    shell_complete=complete_files,
    metavar="FILE",
    help="YOLO weights.  [default: yolo11n.pt or shipped]",
)
@click.option(
    "--classes",
    multiple=True,
    metavar="CLASS",
    help="Class to detect.  [default: people, vehicles]",
)
@click.option(
    "--imgsz",
    type=click.IntRange(min=32),
    metavar="PIXELS",
    help="Longer side of its input.  [default: 640 to 960]",
)
@click.option(
    "--weights",
    type=NetworkFile(),
    metavar="FILE|DIR",
    help="ReID network, or folder of `train`.  [default: shipped]",
)
@click.option(
    "--clips",
    type=click.IntRange(min=1),
    metavar="N",
    help="Most clips of a tracklet.  [default: 8; GPU: 32]",
)
@click.option(
    "--threshold",
    type=FiniteRange(-1, 1),
    metavar="COSINE",
    help="Minimum score of a link.  [default: the network's]",
)
@click.option(
    "--margin",
    default=MATCHING.margin,
    show_default=True,
    type=FiniteRange(min=0),
    metavar="COSINE",
    help="Minimum lead over the next candidate.",
)
@click.option(
    "--false-match-rate",
    metavar="RATE",
    type=FiniteRange(0, 1, min_open=True, max_open=True),
    help="Choose the threshold by its share of false matches.",
)
@click.option("--calibration", type=FILE, help="Score thresholds that `calibrate` wrote.")
@click.option(
    "--transitions",
    shell_complete=complete_files,
    metavar="FILE|run",
    help="Travel times: a file, or 'run' to learn them.",
)
@click.option(
    "--estimate-offsets",
    is_flag=True,
    help="Estimate and print the clock offsets.",
)
@click.option(
    "--centre-cameras",
    metavar="N",
    type=click.IntRange(min=1),
    help="Centre embeddings per camera from N tracklets on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--conf", cls=ConfigFileOption, default=TRACKING.conf, type=FiniteRange(0, 1))
@click.option("--iou", cls=ConfigFileOption, default=TRACKING.iou, type=FiniteRange(0, 1))
@click.option("--half", cls=ConfigFileOption, is_flag=True)
@click.option(
    "--clip-length", cls=ConfigFileOption, default=EMBEDDING.clip_length, type=click.IntRange(min=1)
)
@click.option("--min-boxes", cls=ConfigFileOption, default=EMBEDDING.min_boxes, type=click.IntRange(min=1))
@click.option("--min-area", cls=ConfigFileOption, default=EMBEDDING.min_area, type=FiniteRange(min=0))
@click.option("--seed", cls=ConfigFileOption, default=EMBEDDING.seed, type=click.IntRange(0, 2**63 - 1))
def match_command(
    videos: tuple[str, ...],
    out: Path,
    overwrite: bool,
    cameras_file: Path | None,
    detections: tuple[str, ...],
    detections_fps: float | None,
    detections_size: tuple[int, int] | None,
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
    as_json: bool,
) -> None:
    """Find the same person or vehicle in several cameras.

    Give one VIDEO, or one folder, per camera. Writes tracks.csv, tracklets.csv, matches.csv and report.html to DIR. To
    resume, repeat the command.
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
        transitions=transitions,
        estimate_offsets=estimate_offsets,
        corrections=corrections,
        device=device,
    )
    cameras = cameras_from_arguments(
        videos,
        cameras_file=cameras_file,
        detections=detections,
        detections_fps=detections_fps,
        detections_size=detections_size,
    )
    if not (out / "run.json").exists():  # a run that resumes may need some of the files only
        cameras.check_files()
    from cli.summary import show_summary, summarise  # slow to import; --help and wrong names must be fast
    from pipeline.run import match

    try:
        with show_progress() as start_progress:
            result = match(
                cameras,
                config,
                out,
                overwrite=overwrite,
                command=sys.argv[1:],
                start_progress=start_progress,
                warn=warn,
            )
    except KeyboardInterrupt:
        command = "the same command without --overwrite" if overwrite else "the same command"
        click.echo(f"stopped; repeat {command} to resume from {out}", err=True)
        raise click.exceptions.Exit(130) from None
    if as_json:
        click.echo(json.dumps(summarise(result), ensure_ascii=False, indent=2))
    elif shows_progress():
        show_summary(result)
    if result.failures:
        raise click.exceptions.Exit(1)
