"""`reid-pipeline export`: a run in the formats of other tools."""

from __future__ import annotations

from pathlib import Path

import click

NAMES = {"csv": "csv", "mot": "mot", "aicity": "aicity.txt", "json": "identities.json"}
"""Where each format goes in the run's folder `export`."""


@click.command(short_help="Write a run in the format of another tool.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(NAMES)),
    required=True,
    help="csv and mot make a folder, aicity and json a file.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where to write; must not be there yet.  [default: in RUN/export, replaced]",
)
def export(run: Path, kind: str, out: Path | None) -> None:
    """Write the tracks and identities of RUN in another format.

    \b
    csv     tracks.csv, tracklets.csv, matches.csv, as in RUN; frames count from 0
    mot     MOTChallenge, a file per camera; frames and pixels count from 1
    aicity  AI City 2019-2022 (CityFlow), one file; frames count from 1
    json    one document of cameras, identities, links and the run; frames count from 0
    """  # noqa: D301
    target = out or run / "export" / NAMES[kind]
    if out is not None and out.exists():
        raise click.UsageError(f"{out}: is there already; choose another --out")
    for line in _write(run, kind, target):
        click.echo(line)


def _write(run: Path, kind: str, target: Path) -> list[str]:
    """Write one format; what to tell the operator."""
    from pipeline.export.aicity import export_aicity
    from pipeline.export.csv_files import export_csv
    from pipeline.export.document import export_json
    from pipeline.export.mot import export_mot

    if kind == "csv":
        return [str(path) for path in export_csv(run, target)]
    if kind == "mot":
        return [str(path) for path in export_mot(run, target)]
    if kind == "aicity":
        numbers = export_aicity(run, target)
        return [str(target), *(f"camera {number} is {name}" for name, number in numbers.items())]
    export_json(run, target)
    return [str(target)]
