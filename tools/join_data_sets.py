"""Join data sets of MARS's layout to one with all of their people for training.

    python -m benchmarks.join OUT FIRST SECOND ...

People of the later ones get new numbers; the test is that of the first.
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
@click.argument("sets", nargs=-1, required=True, type=FOLDER)
def main(out: Path, sets: tuple[Path, ...]) -> None:
    """Write OUT/MARS from the data sets in the folders SETS."""
    writer = MarsWriter(out)
    last = add(writer, sets[0] / "MARS", "test", 0)
    for root in sets:
        last = add(writer, root / "MARS", "train", last)
        click.echo(f"{root}: people up to {last}", err=True)
    writer.close()


def add(writer: MarsWriter, folder: Path, part: Part, last: int) -> int:
    """Add one part, its people numbered on from `last` in the order of their labels; gives the last number."""
    for own in sorted((folder / f"bbox_{part}").iterdir()):
        special = own.name in ("0000", "00-1")
        last += not special
        tracklets: dict[str, list[Path]] = defaultdict(list)
        for path in sorted(own.iterdir()):
            tracklets[path.name.split("F")[0]].append(path)
        for name, paths in sorted(tracklets.items()):
            identity = int(own.name.lstrip("0") or 0) if special else last
            writer.add(identity, part, int(name[len(own.name) + 1]), [path.read_bytes() for path in paths])
    return last


if __name__ == "__main__":
    main()
