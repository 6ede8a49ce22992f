"""Options from a file: flags beat it, it beats defaults, and nothing in it is ever passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gate.mp4").write_bytes(b"")
    return tmp_path


def show(folder: Path, text: str, *flags: str) -> Result:
    file = folder / "match.toml"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["config", "show", "--config", str(file), *flags])


def test_a_flag_beats_the_file_and_the_file_beats_the_default(folder: Path) -> None:
    said = show(folder, "imgsz = 960\nclip-length = 2\n", "--imgsz", "320").stdout
    assert "imgsz = 320    # command line" in said
    assert "clip-length = 2    # file" in said
    assert "vid-stride = 1    # default" in said
    assert "# threshold is not set" in said


def test_files_lie_where_the_file_says_not_where_one_stands(folder: Path) -> None:
    said = show(folder, 'videos = ["gate=gate.mp4"]\nout = "monday"\n').stdout
    assert f'videos = ["gate={folder / "gate.mp4"}"]' in said
    assert f'out = "{folder / "monday"}"' in said


def test_files_are_shown_as_they_were_given_so_that_a_folder_can_move_with_its_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub").mkdir()
    for name in ("sub/yard.mp4", "cameras.toml"):
        (folder / name).write_bytes(b"")
    (folder / "sub/match.toml").write_text('videos = ["yard=yard.mp4"]\nout = "monday"\n')
    monkeypatch.chdir(folder)
    show = ["config", "show", "--config", "sub/match.toml", "--cameras", "cameras.toml"]
    said = CliRunner().invoke(main, show).stdout
    assert 'videos = ["yard=sub/yard.mp4"]    # file' in said
    assert 'out = "sub/monday"    # file' in said
    assert 'cameras = "cameras.toml"    # command line' in said
    assert str(folder) not in said


def test_the_folder_of_a_training_means_its_best_network(folder: Path) -> None:
    for name in ("mars", "split"):
        (folder / name).mkdir()
    (folder / "mars/best.safetensors").touch()
    said = show(folder, 'weights = "mars"').stdout
    assert f'weights = "{folder / "mars/best.safetensors"}"    # file' in said
    empty = show(folder, "", "--weights", str(folder / "split"))
    assert empty.exit_code == 2
    assert "split is a folder without best.safetensors; name the file to use" in empty.stderr


def test_words_stay_words_where_a_folder_or_file_is_called_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("run", "shipped", "person"):
        (folder / name).write_bytes(b"")
    monkeypatch.chdir(folder)
    text = 'transitions = "run"\ndetector-weights = "shipped"\nclasses = ["person"]\n'
    first = show(folder, text).stdout
    for line in text.splitlines():
        assert f"{line}    # file" in first
    assert show(folder, first).exit_code == 0


def test_what_is_shown_is_a_file_that_shows_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    text = 'videos = ["gate.mp4"]\nclasses = ["person", "car"]\nhalf = true\nconf = 0.2\nstart = 3\n'
    first = show(Path(), text).stdout
    again = show(Path(), first).stdout
    assert [line.split("    #")[0] for line in first.splitlines()] == [
        line.split("    #")[0] for line in again.splitlines()
    ]
    assert 'classes = ["person", "car"]    # file' in again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("imgzs = 640", "there is no option 'imgzs'; did you mean 'imgsz'?", id="misspelt"),
        pytest.param("clip_lenght = 4", "did you mean 'clip-length'?", id="misspelt-with-underscores"),
        pytest.param('imgsz = "large"', "imgsz is 'large'; give a whole number", id="text-for-a-number"),
        pytest.param("imgsz = 640.5", "imgsz is 640.5; give a whole number", id="a-fraction"),
        pytest.param("imgsz = true", "imgsz is True; give a whole number", id="yes-for-a-number"),
        pytest.param("half = 1", "half is 1; give true or false", id="a-number-for-yes"),
        pytest.param("imgsz = 2", "imgsz: 2 is not in the range", id="out-of-range"),
        pytest.param('classes = "car"', "write classes = [...]", id="one-for-several"),
        pytest.param('weights = "none.pt"', "none.pt' does not exist", id="a-missing-file"),
        pytest.param("threshold = nan", "threshold: nan is not a finite number", id="no-number"),
        pytest.param(
            "overwrite = true",
            "overwrite cannot be set in a file, only on the command line",
            id="what-deletes-is-typed",
        ),
        pytest.param("imgsz = ", "not a TOML file", id="no-toml"),
        pytest.param("clip-length = 4\nclip_length = 2", "clip-length is given twice", id="twice"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_in_a_sentence(folder: Path, text: str, said: str) -> None:
    result = show(folder, text)
    assert result.exit_code == 2
    assert "match.toml: " in result.stderr
    assert said in result.stderr


def test_match_itself_reads_the_file(folder: Path) -> None:
    (folder / "match.toml").write_text('videos = ["gate.mp4", "yard.mp4"]\nout = "monday"\nconf = 2\n')
    result = CliRunner().invoke(main, ["match", "--config", str(folder / "match.toml")])
    assert result.exit_code == 2
    assert "match.toml: conf: 2" in result.stderr
