"""Join data sets in MARS's layout into one data set that trains on all of their people.

    python -m tools.join_data_sets OUT FIRST SECOND ...

The people of later data sets get new numbers. The test part is that of the first data set.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import click

from samples.world.layouts import MarsWriter
from samples.world.programme import Part

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("data_roots", nargs=-1, required=True, type=FOLDER)
def main(out: Path, data_roots: tuple[Path, ...]) -> None:
    """Write OUT/MARS from the data sets in the folders DATA_ROOTS."""
    writer = MarsWriter(out)
    last = add_part(writer, data_roots[0] / "MARS", "test", 0)
    for root in data_roots:
        last = add_part(writer, root / "MARS", "train", last)
        click.echo(f"{root}: people up to {last}", err=True)
    writer.close()


def add_part(writer: MarsWriter, mars: Path, part: Part, last: int) -> int:
    """Add one part of a data set, its people numbered from `last` + 1, and return the last number."""
    for folder in sorted((mars / f"bbox_{part}").iterdir()):
        label = folder.name
        special = label in ("0000", "00-1")  # distractors and junk keep their numbers
        last += not special
        tracklets: dict[str, list[Path]] = defaultdict(list)
        for path in sorted(folder.iterdir()):
            tracklets[path.name.split("F")[0]].append(path)
        for name, paths in sorted(tracklets.items()):
            identity = int(label.lstrip("0") or 0) if special else last
            camera = int(name[len(label) + 1])
            writer.add(identity, part, camera, [path.read_bytes() for path in paths])
    return last


if __name__ == "__main__":
    main()
