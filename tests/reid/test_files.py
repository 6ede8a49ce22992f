"""What the program writes replaces files, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reid.files import replacing


def write(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_text("new")


def test_the_file_behind_a_symbolic_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write(link)
    assert (link.is_symlink(), target.read_text()) == (True, "new")


def test_what_is_not_a_regular_file_is_never_replaced(tmp_path: Path) -> None:
    """A named pipe stands for a device such as /dev/null, which root could replace."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="not a regular file"):
        write(pipe)
    assert pipe.is_fifo()
