"""What a person may say of tracklets, and what is said back where it makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import CorrectionsError
from pipeline.matching.corrections import Corrections, read_corrections

HEADER = "tracklet_a,tracklet_b,verdict\n"


def read(tmp_path: Path, text: str) -> Corrections:
    path = tmp_path / "corrections.csv"
    path.write_text(text, encoding="utf-8")
    return read_corrections(path)


def test_all_three_verdicts_are_understood(tmp_path: Path) -> None:
    said = read(tmp_path, HEADER + "a/1,b/2,same\nb/2, c/3 ,different\nup/down/4,,ignore\n")
    assert said.same == ((("a", 1), ("b", 2)),)
    assert said.different == ((("b", 2), ("c", 3)),)
    assert said.ignored == {("up/down", 4)}


def test_a_file_from_a_spreadsheet_with_notes_and_other_columns_first_is_understood(tmp_path: Path) -> None:
    said = read(tmp_path, '\ufeffverdict,note,tracklet_a,tracklet_b\nsame,"hat, bag",a/1,b/2\n\n')
    assert said.same == ((("a", 1), ("b", 2)),)


def test_no_rows_say_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER).rows == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "needs one column 'tracklet_a' and has the columns none", id="empty"),
        pytest.param("tracklet_a;tracklet_b\n", "needs one column 'verdict'", id="no-column"),
        pytest.param(
            HEADER + "a/1,b/1,maybe\n", "row 2 has the verdict 'maybe'; give one of same,", id="verdict"
        ),
        pytest.param(HEADER + "a/1,b/1\n", "line 2: has 2 cells between commas, not 3", id="no-verdict"),
        pytest.param(HEADER + "\na1,b/1,same\n", "row 3 names the tracklet 'a1'", id="no-slash"),
        pytest.param(HEADER + "a/x,b/1,same\n", "row 2 names the tracklet 'a/x'", id="no-number"),
        pytest.param(
            HEADER + f"a/1,b/{'9' * 5000},same\n", "row 2 names the tracklet 'b/999", id="no-such-number"
        ),
        pytest.param(HEADER + "a/1,,same\n", "row 2 names the tracklet ''", id="only-one"),
        pytest.param(HEADER + "a/1,a/01,different\n", "row 2 names a/1 twice", id="itself"),
        pytest.param(HEADER + "a/1,b/1,ignore\n", "row 2 ignores two tracklets", id="ignore-two"),
        pytest.param(HEADER + 'a/1,"b/1,same\n', "line 2: a quotation mark is not closed", id="open-quote"),
        pytest.param(
            HEADER + "a/1,b/1,same\na/1,b/1,different\n",
            "a/1 and b/1 are the same (row 2); a/1 and b/1 are different (row 3)",
            id="a-pair-is-the-same-and-different",
        ),
        pytest.param(
            HEADER + "a/1,d/1,different\nb/1,a/1,same\na/1,x/1,same\nb/1,c/1,same\nd/1,c/1,same\n",
            "b/1 and a/1 are the same (row 3); b/1 and c/1 are the same (row 5); "
            "d/1 and c/1 are the same (row 6); a/1 and d/1 are different (row 2)",
            id="a-chain-joins-what-is-different-and-other-rows-are-not-named",
        ),
        pytest.param(
            HEADER + "a/1,b/1,same\nb/1,,ignore\n",
            "a/1 and b/1 are the same (row 2); b/1 is ignored (row 3)",
            id="the-same-as-one-who-takes-no-part",
        ),
    ],
)
def test_what_cannot_be_honoured_is_named_with_file_and_row(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(CorrectionsError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "corrections.csv"))
    assert complaint in str(caught.value)


def test_a_file_that_is_no_text_or_not_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "corrections.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("corrections.csv", "gone.csv"):
        with pytest.raises(CorrectionsError, match=name):
            read_corrections(tmp_path / name)


def test_a_tracklet_that_the_run_does_not_have_is_named_with_its_row(tmp_path: Path) -> None:
    said = read(tmp_path, HEADER + "a/1,b/2,same\na/7,,ignore\n")
    said.check_known({("a", 1), ("b", 2), ("a", 7)})
    with pytest.raises(CorrectionsError, match="row 3 names a/7, which is not a tracklet of this run"):
        said.check_known({("a", 1), ("b", 2)})
