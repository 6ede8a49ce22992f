"""Frames of one recording: the right ones, at the right times, in bounded memory."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.footage.exchange import (
    Begun,
    Finished,
    Footage,
    Look,
    Note,
    Planned,
    Read,
    Refused,
    Ring,
    Shown,
)

__all__ = ["Footage", "Frame", "FrameReader", "probe"]

MEMORY = 2**30
"""Bytes a decoder process may take beyond its libraries."""
STALL = 60.0
"""Seconds without any progress after which a decoder process is replaced."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a recording."""

    number: int
    """Place in the file's presentation order, from 0, whatever the stride and start."""
    seconds: float
    """Presentation time on the file's own clock."""
    pixels: NDArray[np.uint8]
    """(h, w, 3) RGB, upright, contiguous, the consumer's own."""


def probe(path: Path) -> Footage:
    """Describe a recording, in a process of its own, by its header and the first frame that can be decoded.

    Raises:
        FootageError: it is missing, empty, no video, has only sound, or nothing of it can be decoded.
    """
    decoder = _Decoder(Look(path))
    try:
        answer = decoder.answer(STALL)
    finally:
        decoder.close()
    if isinstance(answer, Footage):
        return answer
    reason = (
        answer.reason
        if isinstance(answer, Refused)
        else f"looking into {path} ended the decoder; re-encode it"
    )
    raise FootageError(reason)


class FrameReader:
    """Iterate over a recording's frames, decoded ahead in a process of its own.

    Close it, or use it in a `with` block: its process ends at once, wherever the reading stands. A decoder that
    crashes, hangs or takes too much memory is replaced; the segment it was at is read again through PyAV, from the
    frame after the last one delivered, and left out with a note if that fails too.
    """

    def __init__(
        self,
        footage: Footage | Path,
        *,
        stride: int = 1,
        start: float | None = None,
        end: float | None = None,
        first: int = 0,
        ahead: int = 8,
        memory_limit: int = MEMORY,
        stall_timeout: float = STALL,
    ) -> None:
        """Begin decoding.

        Args:
            footage: what `probe` found, or a path to probe.
            stride: give each stride-th frame, counted from the first one in [start, end).
            start: seconds of the file's clock; earlier frames are left out.
            end: seconds of the file's clock; frames from here on are left out.
            first: source frame number to resume at: gives exactly the rest of what a whole reading gives.
            ahead: most frames waiting to be taken.
            memory_limit: bytes the decoder process may take beyond its libraries.
            stall_timeout: seconds without progress after which the decoder is replaced.

        Raises:
            FootageError: as `probe`.
        """
        if stride < 1 or first < 0 or ahead < 1:
            raise ValueError(
                f"expected stride >= 1, first >= 0, ahead >= 1, got {stride=}, {first=}, {ahead=}"
            )
        self.footage = footage if isinstance(footage, Footage) else probe(footage)
        self.decoded = 0
        """Frames delivered so far."""
        self.expected: int | None = None
        """Frames a reading from the beginning delivers if all can be decoded; known from the first frame on."""
        self.truncated = False
        """True once frames are known to be missing from the file or could not be decoded."""
        self.notes: tuple[str, ...] = ()
        """What the caller should know, in the order found."""
        self._job = Read(
            self.footage,
            stride,
            float("-inf") if start is None else start,
            float("inf") if end is None else end,
            first,
            ahead,
            memory_limit,
        )
        self._stall_timeout = stall_timeout
        self._segment: Begun | None = None
        self._barren = False
        """True while a decoder that replaces another has delivered nothing."""
        self._decoder: _Decoder | None = _Decoder(self._job)

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        while self._decoder is not None:
            answer = self._decoder.answer(self._stall_timeout)
            if isinstance(answer, Shown):
                return self._take(self._decoder, answer)
            self._learn(answer)
        raise StopIteration

    def close(self) -> None:
        """End the decoder process."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    @property
    def process(self) -> int | None:
        """Process id of the decoder; None once it has ended."""
        return None if self._decoder is None else self._decoder.process.pid

    def _take(self, decoder: _Decoder, shown: Shown) -> Frame:
        pixels = decoder.copy(shown)
        self.decoded += 1
        self._barren = False
        self._job = replace(self._job, first=shown.number + 1)
        return Frame(shown.number, shown.seconds, pixels)

    def _learn(self, answer: object) -> None:
        if isinstance(answer, Planned):
            self.expected = answer.frames
        elif isinstance(answer, Begun):
            self._segment = answer
        elif isinstance(answer, Note):
            self._note(answer.text, truncated=answer.truncated)
        elif isinstance(answer, Refused):
            self.close()
            raise FootageError(answer.reason)
        elif isinstance(answer, Finished):
            self.close()
            if self.expected and self.truncated and not self._job.first:
                raise FootageError(f"nothing of {self.footage.path} can be decoded: {'; '.join(self.notes)}")
        elif isinstance(answer, Ended):
            self._replace(answer.how)

    def _note(self, text: str, *, truncated: bool = False) -> None:
        if text not in self.notes:  # a new decoder finds the same faults again
            self.notes += (text,)
        self.truncated |= truncated

    def _replace(self, how: str) -> None:
        """Go on with a new decoder, more carefully where the last one ended."""
        self.close()
        segment = self._segment
        if segment is None:
            if self._barren:
                raise FootageError(
                    f"the decoder of {self.footage.path} {how} twice at once; re-encode the file, or allow more memory"
                )
        else:
            before = self._job.failures.get(segment.place, 0)
            failures = before + 1 if self._barren else 1
            self._job = replace(self._job, failures={**self._job.failures, segment.place: failures})
            self._note(f"the decoder {how} in frames {segment.first}-{segment.last - 1}; another went on")
        self._segment, self._barren = None, True
        self._decoder = _Decoder(self._job)


@dataclass(frozen=True)
class Ended:
    """A decoder process is of no more use."""

    how: str


class _Decoder:
    """A decoder process and the reader's end of what leads to it.

    It is started as a new interpreter, not through multiprocessing, which would import the caller's main module
    into it, and with that often torch.
    """

    def __init__(self, job: Look | Read) -> None:
        ours, theirs = socket.socketpair()
        self._connection = Connection(ours.detach())
        self._ring = Ring.create()
        with theirs:
            handles = theirs.fileno(), self._ring.handle
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"from pipeline.footage.process import serve; serve{handles}"],
                env={**os.environ, "PYTHONPATH": _search_path(), "PYTHONSAFEPATH": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=handles,
            )
        with contextlib.suppress(OSError):  # it is gone already: the first answer tells
            self._connection.send(job)

    def answer(self, stall: float) -> object:
        """Wait for its next message; `Ended` where it died, or made no progress for `stall` seconds."""
        beats, since = self._ring.beats, time.monotonic()
        try:
            while not self._connection.poll(min(stall, 0.5)):
                if self._ring.beats != beats:
                    beats, since = self._ring.beats, time.monotonic()
                elif time.monotonic() - since > stall:
                    return Ended(f"stood still for {stall:g} s")
            return self._connection.recv()
        except (EOFError, OSError):
            return Ended("ended by itself")

    def copy(self, shown: Shown) -> NDArray[np.uint8]:
        """Copy a frame out of its slot, and hand the slot back."""
        self._ring.map(shown.slots, shown.slot_bytes)
        pixels = self._ring.view(shown.slot, shown.shape).copy()
        with contextlib.suppress(OSError):  # it died meanwhile: the next answer tells
            self._connection.send(shown.slot)
        return pixels

    def close(self) -> None:
        """End the process and wait for its end, which is at once."""
        self._connection.close()
        self.process.kill()
        self.process.wait()
        self._ring.close()


def _search_path() -> str:
    """Where the decoder process finds what this one imported, and this package first."""
    return os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
