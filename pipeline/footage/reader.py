"""Reading the frames of a recording, with their times and in bounded memory."""

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

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.footage.exchange import (
    Footage,
    FrameReady,
    Note,
    ReadingDone,
    ReadingPlan,
    ReadRequest,
    Ring,
    SegmentStarted,
)
from pipeline.footage.recording import Recording, find_recording

__all__ = ["Footage", "Frame", "FrameReader", "probe"]

STALL = 60.0
"""Seconds without any progress after which a decoder process is replaced."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a recording."""

    number: int
    """Place in the recording's presentation order, from 0, independent of stride and start."""
    seconds: float
    """Presentation time on the recording's clock."""
    pixels: NDArray[np.uint8]
    """(h, w, 3) RGB, upright and contiguous; the consumer may change it. All frames of a recording have one size."""
    scale: tuple[float, float] = (1.0, 1.0)
    """Width and height of the frame over those of the stored picture, whose size may change midway."""


def probe(recording: Recording | Path) -> Footage:
    """Describe a recording by its header and the first frame that can be decoded, in a process of its own.

    Raises:
        FootageError: the recording is missing or empty, has no video, or no frame of it can be decoded.
    """
    if isinstance(recording, Path):
        recording = find_recording(recording)
    decoder = _Decoder(recording)
    try:
        answer = decoder.answer(STALL)
    finally:
        decoder.close()
    if isinstance(answer, Footage):
        return answer
    if isinstance(answer, FootageError):
        raise answer
    raise FootageError(f"the decoder stopped while it read {recording}; re-encode the file")


class FrameReader:
    """Iterator over a recording's frames, decoded ahead in a process of its own.

    Close it, or use it in a `with` block; its process then ends at once. A decoder that crashes, hangs or takes too
    much memory is replaced: PyAV decodes the current segment from the next frame on. If that fails too, the rest of
    the segment is skipped with a note.
    """

    def __init__(
        self,
        footage: Footage | Recording | Path,
        *,
        stride: int = 1,
        start: float | None = None,
        end: float | None = None,
        first: int = 0,
        ahead: int = 8,
        stall_timeout: float = STALL,
    ) -> None:
        """Start decoding.

        Args:
            footage: result of `probe`, or a recording or its path, to probe.
            stride: yield every stride-th frame, counted from the first frame in [start, end).
            start: seconds of the recording's clock; earlier frames are skipped.
            end: seconds of the recording's clock; frames from this time on are skipped.
            first: source frame number to resume at; yields the same frames as a complete reading does from there.
            ahead: most frames decoded ahead.
            stall_timeout: seconds without progress after which the decoder is replaced.

        Raises:
            FootageError: `probe` fails.
        """
        if stride < 1 or first < 0 or ahead < 1:
            raise ValueError(
                f"expected stride >= 1, first >= 0, ahead >= 1, got {stride=}, {first=}, {ahead=}"
            )
        self.footage = footage if isinstance(footage, Footage) else probe(footage)
        self.decoded = 0
        """Frames delivered so far."""
        self.expected: int | None = None
        """Frames that reading from the beginning delivers if all can be decoded; known from the first frame on."""
        self.total: int | None = None
        """All frames of the recording; known from the first frame on."""
        self.truncated = False
        """True once frames are missing from the file or cannot be decoded."""
        self.notes: tuple[str, ...] = ()
        """Remarks on damage and on the decoder, in order."""
        self._request = ReadRequest(
            footage=self.footage,
            stride=stride,
            start=float("-inf") if start is None else start,
            end=float("inf") if end is None else end,
            first=first,
            ahead=ahead,
        )
        self._stall_timeout = stall_timeout
        self._segment: SegmentStarted | None = None
        self._decoder_restarted = False
        """True until a replacement decoder delivers a frame."""
        self._decoder: _Decoder | None = _Decoder(self._request)

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        while self._decoder is not None:
            answer = self._decoder.answer(self._stall_timeout)
            if isinstance(answer, FrameReady):
                pixels = self._decoder.copy(answer)
                self.decoded += 1
                self._decoder_restarted = False
                self._request = replace(self._request, first=answer.number + 1)
                return Frame(answer.number, answer.seconds, pixels, answer.scale)
            self._handle(answer)
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

    def _handle(self, answer: object) -> None:
        if isinstance(answer, ReadingPlan):
            self.expected, self.total = answer.frames, answer.total
        elif isinstance(answer, SegmentStarted):
            self._segment = answer
        elif isinstance(answer, Note):
            self._note(answer.text, truncated=answer.truncated)
        elif isinstance(answer, FootageError):
            self.close()
            raise answer
        elif isinstance(answer, ReadingDone):
            self.close()
            if self.expected and self.truncated and not self._request.first:
                raise FootageError(
                    f"no frame of {self.footage.recording} can be decoded: {'; '.join(self.notes)}"
                )
        elif isinstance(answer, DecoderEnded):
            self._replace_decoder(answer.how)

    def _note(self, text: str, *, truncated: bool = False) -> None:
        if text not in self.notes:  # a new decoder reports the same faults again
            self.notes += (text,)
        self.truncated |= truncated

    def _replace_decoder(self, how: str) -> None:
        """Start a new decoder, which treats the segment of the previous one more carefully."""
        self.close()
        segment = self._segment
        if segment is None:
            if self._decoder_restarted:
                raise FootageError(
                    f"the decoder of {self.footage.recording} {how} twice at its start; re-encode the file, or allow more "
                    "memory"
                )
        else:
            failures = self._request.failures.get(segment.index, 0) + 1 if self._decoder_restarted else 1
            self._request = replace(
                self._request, failures={**self._request.failures, segment.index: failures}
            )
            self._note(f"the decoder {how} in frames {segment.first}-{segment.last - 1} and was replaced")
        self._segment, self._decoder_restarted = None, True
        self._decoder = _Decoder(self._request)


@dataclass(frozen=True)
class DecoderEnded:
    """A decoder process has ended or hangs."""

    how: str


class _Decoder:
    """A decoder process and the reader's end of its connection.

    The process is a new interpreter. A multiprocessing process would import the caller's main module, and often
    torch with it.
    """

    def __init__(self, request: Recording | ReadRequest) -> None:
        reader_end, decoder_end = socket.socketpair()
        self._connection = Connection(reader_end.detach())
        self._ring = Ring.create()
        with decoder_end:
            handles = decoder_end.fileno(), self._ring.handle
            code = f"from pipeline.footage.process import run_decoder; run_decoder{handles}"
            search_path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                env={**os.environ, "PYTHONPATH": search_path, "PYTHONSAFEPATH": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=handles,
            )
        with contextlib.suppress(OSError):  # if the process has ended, the first answer reports it
            self._connection.send(request)

    def answer(self, stall: float) -> object:
        """Return the next message; `DecoderEnded` if the process ended or made no progress for `stall` seconds."""
        beats, since = self._ring.beats, time.monotonic()
        try:
            while not self._connection.poll(min(stall, 0.5)):
                if self._ring.beats != beats:
                    beats, since = self._ring.beats, time.monotonic()
                elif time.monotonic() - since > stall:
                    return DecoderEnded(f"made no progress for {stall:g} s")
            return self._connection.recv()
        except (EOFError, OSError):
            return DecoderEnded("stopped unexpectedly")

    def copy(self, frame: FrameReady) -> NDArray[np.uint8]:
        """Copy a frame out of its slot and free the slot."""
        self._ring.map(frame.slots, frame.slot_bytes)
        pixels = self._ring.view(frame.slot, frame.shape).copy()
        with contextlib.suppress(OSError):  # if the process has ended, the next answer reports it
            self._connection.send(frame.slot)
        return pixels

    def close(self) -> None:
        """Kill the process and wait for its end."""
        self._connection.close()
        self.process.kill()
        self.process.wait()
        os.close(self._ring.handle)
