"""Download: the cache folder that reid and detectors share."""

from __future__ import annotations

from pathlib import Path

import pytest

from reid.download import hub_folder


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        pytest.param({}, "home/.cache/torch/hub/checkpoints", id="default"),
        pytest.param({"XDG_CACHE_HOME": ""}, "home/.cache/torch/hub/checkpoints", id="empty-cache-home"),
        pytest.param({"XDG_CACHE_HOME": "cache"}, "cache/torch/hub/checkpoints", id="cache-home"),
        pytest.param(
            {"XDG_CACHE_HOME": "cache", "TORCH_HOME": "torch"}, "torch/hub/checkpoints", id="torch-home"
        ),
        pytest.param({"TORCH_HOME": ""}, "home/.cache/torch/hub/checkpoints", id="empty-torch-home"),
    ],
)
def test_downloads_are_kept_in_torchs_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("XDG_CACHE_HOME", "TORCH_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value and str(tmp_path / value))
    assert hub_folder() == tmp_path / folder
