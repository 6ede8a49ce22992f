"""Messages and shared memory between a reader and its decoder process."""

from __future__ import annotations

import mmap
import os
import queue
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.recording import Recording

RING = 128 * 2**20
"""Most bytes of pixels that wait in shared memory; two frames always fit."""


@dataclass(frozen=True)
class Footage:
    """Description of a recording, from its header and its first frame."""

    recording: Recording
    width: int
    """Pixels of an upright frame."""
    height: int
    fps: float
    """Average frames a second; 0 if the file does not state them."""
    turns: int
    """Counter-clockwise quarter turns that make the stored pictures upright."""


@dataclass(frozen=True)
class ReadRequest:
    """Request for frames; a `Recording` alone requests its `Footage`."""

    footage: Footage
    stride: int
    start: float
    """Seconds of the recording's clock; earlier frames are skipped."""
    end: float
    """Seconds of the recording's clock; frames from this time on are skipped."""
    first: int
    """Source frame number to start at; it does not shift the stride."""
    ahead: int
    """Most frames that wait in shared memory."""
    failures: dict[int, int] = field(default_factory=dict)
    """Decoder processes that a segment has ended, by segment index: after 1 PyAV decodes it, after 2 it is skipped."""


@dataclass(frozen=True)
class ReadingPlan:
    """Answer to `ReadRequest` after the scan of the files."""

    frames: int
    """Frames that reading from the beginning delivers if all can be decoded."""
    total: int
    """All frames of the recording."""


@dataclass(frozen=True)
class SegmentStarted:
    """The decoder starts on a segment."""

    index: int
    """Index of the segment in the recording."""
    first: int
    """Number of its first frame."""
    last: int
    """Number after its last frame."""


@dataclass(frozen=True)
class FrameReady:
    """A frame is in a slot of the ring."""

    number: int
    seconds: float
    slot: int
    shape: tuple[int, ...]
    scale: tuple[float, float]
    """Width and height of the frame over those of the stored picture."""
    slots: int
    slot_bytes: int


@dataclass(frozen=True)
class Note:
    """A remark for the reader's caller."""

    text: str
    truncated: bool = False
    """True if frames are missing."""


@dataclass(frozen=True)
class ReadingDone:
    """All frames were sent; the last message, unless it is a `FootageError`."""


class Ring:
    """Memory shared by a decoder and a reader: a page with a heartbeat, then slots of one frame each.

    It is a file without a name, so nothing is left behind however either process ends.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self._slot_bytes = self._slots = 0
        self._pages: mmap.mmap | None = None
        if os.fstat(handle).st_size < mmap.PAGESIZE:
            os.ftruncate(handle, mmap.PAGESIZE)
        self._beat = mmap.mmap(handle, mmap.PAGESIZE)

    @classmethod
    def create(cls) -> Ring:
        """Create the file: in memory if the system supports it, otherwise a deleted temporary file."""
        if sys.platform == "linux":
            return cls(os.memfd_create("frames"))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    @property
    def beats(self) -> int:
        """Number of the decoder's heartbeats; the decoder hangs if it does not grow."""
        return int.from_bytes(self._beat[:8], "little")

    def beat(self) -> None:
        """Add a heartbeat."""
        self._beat[:8] = (self.beats + 1).to_bytes(8, "little")

    def map(self, slots: int, slot_bytes: int) -> None:
        """Map the slots, growing the memory if it is too small."""
        if (slots, slot_bytes) == (self._slots, self._slot_bytes):
            return
        size = mmap.PAGESIZE + slots * slot_bytes
        if os.fstat(self.handle).st_size < size:
            os.ftruncate(self.handle, size)
        self._pages = mmap.mmap(self.handle, size)
        self._slots, self._slot_bytes = slots, slot_bytes

    def view(self, slot: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Return a (h, w, 3) view of the pixels in a slot."""
        assert self._pages is not None
        offset = mmap.PAGESIZE + slot * self._slot_bytes
        flat = np.frombuffer(self._pages, np.uint8, int(np.prod(shape)), offset)
        return flat.reshape(shape)


class FrameSender:
    """The decoder's end: puts frames into free slots and sends messages to the reader."""

    def __init__(self, connection: Connection, ring: Ring) -> None:
        """Collect freed slots in the background, and end this process when the reader ends."""
        self.send: Callable[[object], None] = connection.send
        self.ring = ring
        self._connection = connection
        self._free: queue.Queue[int] = queue.Queue()
        self._slots = self._slot_bytes = 0
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        try:
            while True:
                self._free.put(self._connection.recv())
        except (EOFError, OSError):
            os._exit(0)

    def put(
        self, number: int, seconds: float, pixels: NDArray[np.uint8], scale: tuple[float, float], ahead: int
    ) -> None:
        """Send one (h, w, 3) frame; wait while the reader has not taken earlier ones."""
        if pixels.nbytes > self._slot_bytes:
            self._grow(pixels.nbytes, ahead)
        slot = self._free.get()
        self.ring.view(slot, pixels.shape)[:] = pixels
        self.send(FrameReady(number, seconds, slot, pixels.shape, scale, self._slots, self._slot_bytes))

    def _grow(self, slot_bytes: int, ahead: int) -> None:
        for _ in range(self._slots):
            self._free.get()  # waits until the reader has copied every frame of the smaller layout
        self._slots, self._slot_bytes = max(2, min(ahead, RING // slot_bytes)), slot_bytes
        self.ring.map(self._slots, slot_bytes)
        for slot in range(self._slots):
            self._free.put(slot)
