from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from detectors.errors import WeightsError
from detectors.weights import DEFAULT, RELEASES, SHIPPED, DetectorWeights, Release
from detectors.weights import find_weights as find
from reid.download import Progress, download_file, hub_folder

CONTENT = bytes(range(256)) * 1000
NONE = Path("none.pt")


class OneFile(BaseHTTPRequestHandler):
    """Serves CONTENT at /whole, its first half under the whole length at /half, and nothing else."""

    def do_GET(self) -> None:
        body = {"/whole": CONTENT, "/half": CONTENT[: len(CONTENT) // 2]}.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(CONTENT if body else b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *words: object) -> None:
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[str]:
    listening = HTTPServer(("127.0.0.1", 0), OneFile)
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    path = tmp_path / "plaza.pt"
    path.write_bytes(b"made here")
    return path


def find_weights(
    given: str | Path | None,
    *,
    releases: Mapping[str, Release] = RELEASES,
    shipped: Path = SHIPPED,
    progress: Progress | None = None,
) -> DetectorWeights:
    download = partial(download_file, progress=progress)
    return find(given, cache=hub_folder(), download=download, releases=releases, shipped=shipped)


def release(url: str, content: bytes = CONTENT) -> dict[str, Release]:
    return {"yolo11n.pt": Release(url, hashlib.sha256(content).hexdigest())}


def test_a_file_that_is_here_is_taken_and_nothing_is_downloaded(tmp_path: Path) -> None:
    mine = tmp_path / "mine.pt"
    mine.write_bytes(b"mine")
    assert find_weights(mine, releases={}) == DetectorWeights(mine, "given")
    assert find_weights(str(mine), releases={}) == DetectorWeights(mine, "given")


def test_a_name_is_found_in_torchs_cache() -> None:
    hub_folder().mkdir(parents=True)
    cached = hub_folder() / "mine.pt"
    cached.write_bytes(b"mine")
    assert find_weights("mine.pt", releases={}).path == cached


def test_the_default_is_downloaded_once(server: str) -> None:
    found = find_weights(None, releases=release(server + "/whole"))
    assert (found.path.read_bytes(), found.source, found.note) == (CONTENT, "default", "")
    assert [file.name for file in hub_folder().iterdir()] == [DEFAULT]
    assert find_weights(None, releases=release("http://127.0.0.1:9/none")) == found  # though nobody answers


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        pytest.param("/whole", b"other", "SHA-256", id="other-bytes"),
        pytest.param("/half", CONTENT, "SHA-256|IncompleteRead", id="cut-off"),
        pytest.param("/none", CONTENT, "404", id="not-there"),
    ],
)
def test_a_bad_download_leaves_nothing_behind_and_says_what_to_do(
    server: str, path: str, content: bytes, why: str
) -> None:
    with pytest.raises(WeightsError, match=why) as error:
        find_weights(None, releases=release(server + path, content), shipped=NONE)
    assert "--detector-weights FILE" in str(error.value)
    assert str(hub_folder() / DEFAULT) in str(error.value)
    assert list(hub_folder().iterdir()) == []


def test_a_download_reports_its_bytes_to_the_caller_and_prints_nothing(
    server: str, capfd: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[int, int | None]] = []
    find_weights(
        None, releases=release(server + "/whole"), progress=lambda done, size: calls.append((done, size))
    )
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert capfd.readouterr() == ("", "")


def test_a_host_name_that_is_looked_up_for_minutes_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    released = Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: released.wait(60))
    monkeypatch.setattr("reid.download.TIMEOUT", 0.05)
    with pytest.raises(WeightsError, match="no answer"):
        find_weights(None, releases=release("http://somewhere.invalid/whole"), shipped=NONE)
    assert list(hub_folder().iterdir()) == []
    released.set()


def test_without_a_network_one_sentence_says_what_to_do() -> None:
    with pytest.raises(WeightsError, match="--detections FILE"):
        find_weights(None, releases=release("http://127.0.0.1:9/none"), shipped=NONE)


def test_where_the_default_cannot_be_had_the_detector_that_ships_is_used_and_says_why(shipped: Path) -> None:
    found = find_weights(None, releases=release("http://127.0.0.1:9/none"), shipped=shipped)
    assert (found.path, found.source) == (shipped, "shipped")
    assert "synthetic footage" in found.note
    assert "http://127.0.0.1:9/none could not be downloaded" in found.note
    assert "--detector-weights FILE" in found.note


def test_where_the_default_can_be_had_it_is_used(server: str, shipped: Path) -> None:
    found = find_weights(None, releases=release(server + "/whole"), shipped=shipped)
    assert (found.path.read_bytes(), found.source) == (CONTENT, "default")


def test_nothing_stands_in_for_weights_that_were_asked_for(shipped: Path) -> None:
    with pytest.raises(WeightsError, match="could not be downloaded"):
        find_weights(DEFAULT, releases=release("http://127.0.0.1:9/none"), shipped=shipped)


def test_the_detector_that_ships_can_be_asked_for_if_it_is_there(server: str, shipped: Path) -> None:
    found = find_weights("shipped", releases=release(server + "/whole"), shipped=shipped)
    assert (found.path, found.source) == (shipped, "shipped")
    with pytest.raises(WeightsError, match="no detector came with this program"):
        find_weights("shipped", shipped=NONE)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, server: str) -> None:
    (tmp_path / "torch").write_text("a file where the folder should be")
    with pytest.raises(WeightsError, match="torch"):
        find_weights(None, releases=release(server + "/whole"), shipped=NONE)


def test_only_weights_with_a_known_hash_are_downloaded() -> None:
    assert {len(release.sha256) for release in RELEASES.values()} == {64}
    with pytest.raises(WeightsError, match=r"no detector weights yolo99z\.pt .* only yolo11n\.pt"):
        find_weights("yolo99z.pt")


def test_a_path_that_is_not_there_is_not_searched_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="check the path"):
        find_weights(tmp_path / "yolo11n.pt")
