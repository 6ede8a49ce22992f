from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from reid.data.catalogue import load_benchmark
from tools.join_data_sets import main


def test_people_of_both_sets_are_trained_on_and_the_test_is_that_of_the_first(
    drawn_mars: Path, tmp_path: Path
) -> None:
    roots = [str(drawn_mars), str(drawn_mars)]
    result = CliRunner().invoke(main, [str(tmp_path), *roots], catch_exceptions=False)
    assert result.exit_code == 0
    first, joined = (load_benchmark("mars", root) for root in (drawn_mars, tmp_path))
    people = {tracklet.identity for tracklet in joined.train}
    assert len(joined.train) == 2 * len(first.train)
    assert len(people) == 2 * len({tracklet.identity for tracklet in first.train})
    assert people.isdisjoint(tracklet.identity for tracklet in joined.gallery)
    assert len(joined.query) == len(first.query)
    assert len(joined.gallery) == len(first.gallery)
