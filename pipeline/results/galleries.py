"""gallery.parquet: a run's galleries and who is who in them, written and read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.embedding.networks import ClassNetwork
from pipeline.errors import RunError
from pipeline.folder.store import read_parquet, write_parquet
from pipeline.matching.match import Matched
from pipeline.matching.pairs.gallery import Gallery, unit

NAME = "gallery.parquet"
NETWORKS = b"networks"
"""Key of the file's metadata: the networks as a JSON list, in the order of their rows."""


@dataclass(frozen=True)
class SavedNetwork:
    """What is known of the network that a gallery's vectors are of."""

    classes: str
    """What it embeds: everything, people or vehicles."""
    source: str
    sha256: str | None
    variant: str
    caveat: str | None
    """What every link made with it must be read with; None if it is to be trusted."""
    dimensions: int
    """Length of a vector (d)."""
    prototypes: int
    """Clip vectors kept of a tracklet (p)."""


@dataclass(frozen=True, eq=False)
class SavedGallery:
    """The tracklets that one network embedded, and who is who among them."""

    network: SavedNetwork
    gallery: Gallery
    """Of n tracklets; vectors went through float16 and are of length 1 again."""
    identities: NDArray[np.int64]
    """(n,) identities, numbered over all of the run's galleries."""


def write_galleries(path: Path, found: Sequence[Matched], networks: Sequence[ClassNetwork]) -> None:
    """Write a row per tracklet that was matched, gallery after gallery.

    Vectors of a network with fewer dimensions, or fewer of them, are filled up with zeros, for a column of
    Parquet to have one length.

    Args:
        path: file to write.
        found: the galleries.
        networks: of each gallery the network that embedded it.
    """
    saved = [_saved(one.gallery, network) for one, network in zip(found, networks, strict=True)]
    d = max(network.dimensions for network in saved)
    p = max(network.prototypes for network in saved)
    tables = [_table(one, network.classes, d, p) for one, network in zip(found, saved, strict=True)]
    about = json.dumps([asdict(network) for network in saved], sort_keys=True)
    write_parquet(path, pa.concat_tables(tables).replace_schema_metadata({NETWORKS: about}))


def _saved(gallery: Gallery, network: ClassNetwork) -> SavedNetwork:
    """Describe a network."""
    weights, (_, p, d) = network.weights, gallery.prototypes.shape
    return SavedNetwork(
        network.classes, weights.source, weights.sha256, weights.design.variant, network.caveat, d, p
    )


def _table(one: Matched, network: str, d: int, p: int) -> pa.Table:
    """Lay out one gallery, its vectors filled up to p times d."""
    gallery = one.gallery
    more = d - gallery.means.shape[1]
    means, prototypes = (vectors.astype(np.float16) for vectors in (gallery.means, gallery.prototypes))
    means = np.pad(means, ((0, 0), (0, more)))
    prototypes = np.pad(prototypes, ((0, 0), (0, p - prototypes.shape[1]), (0, more)))
    return pa.table(
        {
            "network": pa.array([network] * len(gallery), pa.string()),
            "camera": pa.array(gallery.cameras.tolist(), pa.string()),
            "track": gallery.tracks,
            "identity": one.matching.identities,
            "class": pa.array(gallery.kinds.tolist(), pa.string()),
            "group": pa.array(gallery.groups.tolist(), pa.string()),
            "start_s": gallery.starts,
            "end_s": gallery.ends,
            "first_box": _lists(gallery.first_boxes),
            "last_box": _lists(gallery.last_boxes),
            "mean": _lists(means),
            "prototypes": _lists(prototypes.reshape(len(gallery), p * d)),
        }
    )


def _lists(rows: NDArray[Any]) -> pa.FixedSizeListArray:
    """Make a column of lists out of (n, length) rows."""
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])


def read_galleries(run: Path) -> list[SavedGallery]:
    """Read the galleries of a finished run, one for each of its networks; some may be empty.

    Raises:
        RunError: the file is missing, damaged or of another version.
    """
    path = run / NAME
    if not path.is_file():
        raise RunError(f"{run}: {NAME} is not there; give the command of its match again to make it")
    table = read_parquet(path, advice="give the command of its match again to make it anew")
    try:
        networks = [SavedNetwork(**known) for known in json.loads(table.schema.metadata[NETWORKS])]
        return [_gallery(table, network) for network in networks]
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{path}: is damaged or of another version ({error}); give the command of its match again"
        ) from error


def _gallery(table: pa.Table, network: SavedNetwork) -> SavedGallery:
    """Take one network's rows out of the table."""
    rows = table.filter(pa.compute.equal(table["network"], network.classes))
    p, d = network.prototypes, network.dimensions
    means, prototypes = _rows(rows, "mean"), _rows(rows, "prototypes")
    (n, widest), most = means.shape, prototypes.shape[1] // means.shape[1]
    gallery = Gallery(
        cameras=np.array(rows["camera"].to_pylist(), np.str_),
        tracks=rows["track"].to_numpy(),
        kinds=np.array(rows["class"].to_pylist(), np.str_),
        groups=np.array(rows["group"].to_pylist(), np.str_),
        starts=rows["start_s"].to_numpy(),
        ends=rows["end_s"].to_numpy(),
        first_boxes=_rows(rows, "first_box"),
        last_boxes=_rows(rows, "last_box"),
        means=unit(means[:, :d]),
        prototypes=unit(prototypes.reshape(n, most, widest)[:, :p, :d]),
    )
    return SavedGallery(network, gallery, rows["identity"].to_numpy())


def _rows(table: pa.Table, name: str) -> NDArray[np.float32]:
    """Read a column of lists as (n, length) rows."""
    length = table.schema.field(name).type.list_size
    column = table[name].combine_chunks()
    values: NDArray[Any] = (
        column.flatten().to_numpy(zero_copy_only=False).astype(np.float32).reshape(-1, length)
    )
    return values
