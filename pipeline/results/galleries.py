"""The galleries of a run, gallery.parquet: embeddings and identities of the matched tracklets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.embedding.networks import Classes, ClassNetwork
from pipeline.folder.store import read_parquet, write_parquet
from pipeline.matching.match import Matched
from pipeline.matching.pairs.gallery import Gallery
from reid.ranking.distances import unit_vectors

NETWORKS = b"networks"
"""Key of the file's metadata that holds the networks, a JSON list in the order of their rows."""


@dataclass(frozen=True)
class SavedNetwork:
    """The network that embedded a gallery."""

    classes: Classes
    source: str
    sha256: str | None
    variant: str
    caveat: str | None
    """Why its links are not to be trusted; None if they are."""
    dimensions: int
    """Length of a vector (d)."""
    prototypes: int
    """Number of clip vectors of a tracklet (p)."""


@dataclass(frozen=True, eq=False)
class SavedGallery:
    """The tracklets that one network embedded, and their identities."""

    network: SavedNetwork
    gallery: Gallery
    """Gallery of n tracklets; its vectors were stored as float16 and scaled to length 1 again."""
    identities: NDArray[np.int64]
    """(n,) identities, numbered over all galleries of the run."""


def write_galleries(path: Path, matched: Sequence[Matched], networks: Sequence[ClassNetwork]) -> None:
    """Write gallery.parquet: a row per matched tracklet, gallery after gallery.

    A column of Parquet has one length, so shorter vectors and missing prototypes are padded with zeros.
    """
    saved = [_describe(group.gallery, network) for group, network in zip(matched, networks, strict=True)]
    d = max(network.dimensions for network in saved)
    p = max(network.prototypes for network in saved)
    tables = [_to_table(group, network.classes, d, p) for group, network in zip(matched, saved, strict=True)]
    metadata = json.dumps([asdict(network) for network in saved], sort_keys=True)
    write_parquet(path, pa.concat_tables(tables).replace_schema_metadata({NETWORKS: metadata}))


def _describe(gallery: Gallery, network: ClassNetwork) -> SavedNetwork:
    weights = network.weights
    _, prototypes, dimensions = gallery.prototypes.shape
    return SavedNetwork(
        classes=network.classes,
        source=weights.source,
        sha256=weights.sha256,
        variant=weights.design.variant,
        caveat=network.caveat,
        dimensions=dimensions,
        prototypes=prototypes,
    )


def _to_table(group: Matched, network: str, d: int, p: int) -> pa.Table:
    """Return one gallery as a table, with vectors padded to p prototypes of d dimensions."""
    gallery = group.gallery
    padding = d - gallery.means.shape[1]
    means = np.pad(gallery.means.astype(np.float16), ((0, 0), (0, padding)))
    prototypes = gallery.prototypes.astype(np.float16)
    prototypes = np.pad(prototypes, ((0, 0), (0, p - prototypes.shape[1]), (0, padding)))
    return pa.table(
        {
            "network": pa.array([network] * len(gallery), pa.string()),
            "camera": pa.array(gallery.cameras.tolist(), pa.string()),
            "track": gallery.tracks,
            "identity": group.matching.identities,
            "class": pa.array(gallery.kinds.tolist(), pa.string()),
            "group": pa.array(gallery.groups.tolist(), pa.string()),
            "start_s": gallery.starts,
            "end_s": gallery.ends,
            "first_box": _list_column(gallery.first_boxes),
            "last_box": _list_column(gallery.last_boxes),
            "mean": _list_column(means),
            "prototypes": _list_column(prototypes.reshape(len(gallery), p * d)),
        }
    )


def _list_column(rows: NDArray[Any]) -> pa.FixedSizeListArray:
    """Return (n, length) rows as a column of lists."""
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])


def read_galleries(path: Path) -> list[SavedGallery]:
    """Read gallery.parquet: a gallery per network of the run; a gallery may be empty."""
    table = read_parquet(path)
    networks = [SavedNetwork(**entry) for entry in json.loads(table.schema.metadata[NETWORKS])]
    return [_from_table(table, network) for network in networks]


def _from_table(table: pa.Table, network: SavedNetwork) -> SavedGallery:
    """Return the rows of one network as a gallery."""
    rows = table.filter(pa.compute.equal(table["network"], network.classes))
    p, d = network.prototypes, network.dimensions
    means, prototypes = _list_rows(rows, "mean"), _list_rows(rows, "prototypes")
    n, padded_d = means.shape
    padded_p = prototypes.shape[1] // padded_d
    gallery = Gallery(
        cameras=np.array(rows["camera"].to_pylist(), np.str_),
        tracks=rows["track"].to_numpy(),
        kinds=np.array(rows["class"].to_pylist(), np.str_),
        groups=np.array(rows["group"].to_pylist(), np.str_),
        starts=rows["start_s"].to_numpy(),
        ends=rows["end_s"].to_numpy(),
        first_boxes=_list_rows(rows, "first_box"),
        last_boxes=_list_rows(rows, "last_box"),
        means=unit_vectors(means[:, :d]),
        prototypes=unit_vectors(prototypes.reshape(n, padded_p, padded_d)[:, :p, :d]),
    )
    return SavedGallery(network, gallery, rows["identity"].to_numpy())


def _list_rows(table: pa.Table, name: str) -> NDArray[np.float32]:
    """Read a column of lists as (n, length) rows."""
    length = table.schema.field(name).type.list_size
    values = table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values.astype(np.float32).reshape(-1, length))
