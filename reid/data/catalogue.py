"""Catalogue of data sets: how each is loaded, and what Table 1 of FGReID counts in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from reid.data import cuhk01, folder, ilids_vid, market_1501, mars, prid_2011, vehicleid, veri_776
from reid.data.counting import Count
from reid.data.reading import FolderLayout
from reid.data.records import Benchmark
from reid.errors import DatasetError


@dataclass(frozen=True)
class Dataset:
    """A data set to train and evaluate on."""

    title: str
    layout: FolderLayout
    load: Callable[[Path, int], Benchmark]
    """Loads the benchmark from a root folder, for one split counted from 0."""
    splits: int
    """Number of splits over which scores are averaged; the splits of VehicleID differ in the test only."""
    kind: Literal["video", "image"]
    counts: Mapping[str, Count] | None = None
    """Counts of a complete copy, by split name and `all`; equal in all splits."""
    trainings: int = 1
    """Number of splits that have a training part of their own."""
    remark: str = ""
    """Reason why Table 1 counts differently."""


Cell = tuple[int | None, int | None]
"""Identities and tracklets of a split; single images count as tracklets."""


def table_1(*, train: Cell, query: Cell, gallery: Cell, cameras: int | None = None) -> dict[str, Count]:
    """Return the counts of a row of Table 1."""
    return {
        "train": Count(*train),
        "query": Count(*query),
        "gallery": Count(*gallery),
        "all": Count(cameras=cameras),
    }


CATALOGUE: dict[str, Dataset] = {
    "mars": Dataset(
        "MARS", mars.LAYOUT, mars.load_mars, splits=1, kind="video",
        counts=table_1(train=(625, 8298), query=(626, 1980), gallery=(None, 9330), cameras=6),
        remark="Table 1 has 622 gallery identities, which may include the junk that is left out here",
    ),
    "ilids-vid": Dataset(
        "iLIDS-VID", ilids_vid.LAYOUT, ilids_vid.load_ilids_vid, splits=10, trainings=10, kind="video",
        counts=table_1(train=(150, 300), query=(150, 150), gallery=(150, 150), cameras=2),
    ),
    "prid-2011": Dataset(
        "PRID 2011", prid_2011.LAYOUT, prid_2011.load_prid_2011, splits=10, trainings=10, kind="video",
        counts=table_1(train=(89, 178), query=(89, 89), gallery=(89, 89), cameras=2),
    ),
    "market-1501": Dataset(
        "Market-1501", market_1501.LAYOUT, market_1501.load_market_1501, splits=1, kind="image",
        counts=table_1(train=(751, 12936), query=(750, 3368), gallery=(751, 15913), cameras=6),
        remark="Table 1 has 19732 gallery images with the 3819 of junk that are left out here",
    ),
    "cuhk01-486": Dataset(
        "CUHK01, 486 in test", cuhk01.LAYOUT, partial(cuhk01.load_cuhk01, test=486), splits=10, trainings=10,
        kind="image", counts=table_1(train=(485, 1940), query=(486, 972), gallery=(486, 972), cameras=2),
        remark="Table 1 has four cameras where the protocol has two views",
    ),
    "cuhk01-100": Dataset(
        "CUHK01, 100 in test", cuhk01.LAYOUT, partial(cuhk01.load_cuhk01, test=100), splits=10, trainings=10,
        kind="image", counts=table_1(train=(871, 3484), query=(100, 200), gallery=(100, 200), cameras=2),
        remark="Table 1 has four cameras where the protocol has two views",
    ),
    "veri-776": Dataset(
        "VeRi-776", veri_776.LAYOUT, veri_776.load_veri_776, splits=1, kind="image",
        counts=table_1(train=(576, 37778), query=(200, 1678), gallery=(200, 11579), cameras=20),
    ),
    "vehicleid-800": Dataset(
        "VehicleID, 800 in test", vehicleid.LAYOUT, partial(vehicleid.load_vehicleid, test=800), splits=10,
        kind="image", counts=table_1(train=(13164, None), query=(None, None), gallery=(800, 800)),
    ),
    "vehicleid-1600": Dataset(
        "VehicleID, 1600 in test", vehicleid.LAYOUT, partial(vehicleid.load_vehicleid, test=1600), splits=10,
        kind="image", counts=table_1(train=(13164, None), query=(None, None), gallery=(1600, 1600)),
    ),
    "vehicleid-2400": Dataset(
        "VehicleID, 2400 in test", vehicleid.LAYOUT, partial(vehicleid.load_vehicleid, test=2400), splits=10,
        kind="image", counts=table_1(train=(13164, None), query=(None, None), gallery=(2400, 2400)),
    ),
    "folder": Dataset("a folder of your own", folder.LAYOUT, folder.load_folder, splits=1, kind="video"),
}  # fmt: skip

SHORT = {
    "ilids": "ilids-vid",
    "prid": "prid-2011",
    "market": "market-1501",
    "cuhk01": "cuhk01-486",
    "veri": "veri-776",
    "vehicleid": "vehicleid-800",
}
"""Other common names of the data sets."""


def find_benchmark(name: str) -> tuple[str, Dataset]:
    """Return the key and data set of a name; case, hyphens, spaces and underscores do not matter.

    Raises:
        DatasetError: no data set has this name.

    >>> find_benchmark("Market1501")[0], find_benchmark("cuhk01")[0]
    ('market-1501', 'cuhk01-486')
    """
    keys = {_plain(key): key for key in CATALOGUE} | SHORT
    if _plain(name) not in keys:
        nearest = keys[difflib.get_close_matches(_plain(name), keys, n=1, cutoff=0.0)[0]]
        raise DatasetError(
            f"no data set is called {name}; did you mean {nearest}? The data sets are {', '.join(CATALOGUE)}"
        )
    key = keys[_plain(name)]
    return key, CATALOGUE[key]


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()


def load_benchmark(name: str, root: Path, split: int = 0) -> Benchmark:
    """Load one split of a data set from a root folder.

    Raises:
        DatasetError: the data set is unknown, missing or damaged, or has no such split.
    """
    key, dataset = find_benchmark(name)
    if not 0 <= split < dataset.splits:
        raise DatasetError(f"{key} has no split {split}; choose one from 0 to {dataset.splits - 1}")
    return dataset.load(root, split)
