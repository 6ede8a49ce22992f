"""`reid-pipeline export`: write a finished run in the formats of other tools."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import RUN, NewPath, refuse_overwriting

NAMES = {
    "csv": "csv",
    "xlsx": "identities.xlsx",
    "json": "identities.json",
    "coco": "coco.json",
    "mot": "mot",
    "aicity": "aicity.txt",
}
"""File or folder of each format in RUN/export."""


@click.command("export", short_help="Write a run in the format of another tool.")
@RUN
@click.option(
    "--format",
    "file_format",
    type=click.Choice(list(NAMES)),
    required=True,
    help="Format: csv and mot write a folder, the others a file.",
)
@click.option(
    "--out",
    type=NewPath(),
    metavar="PATH",
    help="File or folder to write; must not exist.  [default: in RUN/export, replaced]",
)
def export_command(run: Path, file_format: str, out: Path | None) -> None:
    """Write the tracks and identities of the finished RUN in another format.

    \b
    csv     tracks.csv, tracklets.csv and matches.csv of RUN; frames count from 0
    xlsx    one workbook with the sheets identities, tracklets and matches; frames count from 0
    json    one document with cameras, identities, links and run.json; frames count from 0
    coco    COCO with videos and tracks, one file; frames and pixels count from 0
    mot     MOTChallenge, one file per camera; frames and pixels count from 1
    aicity  AI City 2019-2022 (CityFlow), one file; frames count from 1
    """  # noqa: D301
    refuse_overwriting(out, run)
    from pipeline.export.aicity import export_aicity
    from pipeline.export.coco import export_coco
    from pipeline.export.csv_files import export_csv
    from pipeline.export.json_file import export_json
    from pipeline.export.mot import export_mot
    from pipeline.export.xlsx import export_xlsx
    from pipeline.results.records import read_run

    finished = read_run(run)
    path = out or run / "export" / NAMES[file_format]
    if file_format == "csv":
        written = [str(copy) for copy in export_csv(finished, path)]
    elif file_format == "mot":
        written = [str(file) for file in export_mot(finished, path)]
    elif file_format == "aicity":
        numbers = export_aicity(finished, path)
        written = [str(path), *(f"camera {number} is {name}" for name, number in numbers.items())]
    else:
        {"xlsx": export_xlsx, "json": export_json, "coco": export_coco}[file_format](finished, path)
        written = [str(path)]
    click.echo("\n".join(written))
