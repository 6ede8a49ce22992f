"""The page on Python describes every public name, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pipeline

PAGE = Path(__file__).parents[1] / "docs" / "reference.md"
PLAZA = Path(__file__).parents[1] / "samples" / "plaza"
LAST_FRAME = 11
"""Last frame with boxes: the examples read a second and a half of eight frames each."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with the recordings and the boxes that the page names."""
    for name, camera in (("gate", "c1"), ("yard", "c2")):
        (tmp_path / f"{name}.mp4").symlink_to(PLAZA / f"{camera}.mp4")
    header, *rows = (PLAZA / "detections.csv").read_text(encoding="utf-8").splitlines()
    columns = header.split(",")
    camera_column, frame_column = columns.index("camera"), columns.index("frame")
    cells = [row.split(",") for row in rows]
    kept = [row for row in cells if int(row[frame_column]) <= LAST_FRAME and row[camera_column] != "c3"]
    boxes = "\n".join([header, *map(",".join, kept)]).replace("c1", "gate").replace("c2", "yard")
    (tmp_path / "boxes.csv").write_text(boxes + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sections() -> dict[str, str]:
    """Return the text of each section of the page, by its third-level heading."""
    parts = re.split(r"^### (\w+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def example(text: str) -> str:
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def test_every_public_name_has_a_section_with_an_example() -> None:
    names = {name for names in pipeline.PUBLIC.values() for name in names}
    assert set(sections()) == names
    assert all(example(text) for text in sections().values())


def test_the_examples_run_in_the_order_of_the_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, object] = {}
    for name, text in sections().items():
        capsys.readouterr()
        exec(compile(example(text), f"{PAGE.name}: {name}", "exec"), namespace)
        if name.endswith("Error"):
            assert capsys.readouterr().out.strip(), f"the example of {name} raises nothing"
    assert (folder / "monday" / "report.html").is_file()
