"""What a reader and its decoder process say to each other, and the memory they share."""

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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RING = 128 * 2**20
"""Most bytes of pixels waiting in shared memory, though never fewer than two frames."""


@dataclass(frozen=True)
class Footage:
    """One recording, as its header and its first frame describe it."""

    path: Path
    width: int
    """Pixels of a frame as delivered, upright."""
    height: int
    fps: float
    """Average frames a second; 0 where the file does not say."""
    frames_expected: int | None
    """Frames the header announces or its duration suggests; None where it says neither."""
    start: float
    """Seconds of the first frame on the file's own clock."""
    duration: float | None
    """Seconds the header announces; None where it does not."""
    turns: int
    """Quarter turns counter-clockwise that set the stored pictures upright."""


@dataclass(frozen=True)
class Look:
    """Asks for a file's `Footage`."""

    path: Path


@dataclass(frozen=True)
class Read:
    """Asks for frames."""

    footage: Footage
    stride: int
    start: float
    """Seconds of the file's clock; frames before are left out."""
    end: float
    """Seconds of the file's clock; frames from here on are left out."""
    first: int
    """Source frame number to begin at, without moving the stride."""
    ahead: int
    """Most frames waiting in shared memory."""
    memory: int
    """Most bytes of address space beyond what the libraries take."""
    failures: dict[int, int] = field(default_factory=dict)
    """By place, how often a segment ended a decoder process: 1 sends it through PyAV, 2 leaves it out."""


@dataclass(frozen=True)
class Planned:
    """Answers `Read`: the file is scanned."""

    frames: int
    """Frames that a reading from the beginning delivers if all can be decoded."""


@dataclass(frozen=True)
class Begun:
    """Work on a segment begins."""

    place: int
    """Of the segment among the file's."""
    first: int
    last: int
    """One past the number of its last frame."""


@dataclass(frozen=True)
class Shown:
    """A frame lies in a slot of the ring."""

    number: int
    seconds: float
    slot: int
    shape: tuple[int, ...]
    slots: int
    slot_bytes: int


@dataclass(frozen=True)
class Note:
    """Something the reader's caller should know."""

    text: str
    truncated: bool = False


@dataclass(frozen=True)
class Refused:
    """The file cannot be read; nothing follows."""

    reason: str


@dataclass(frozen=True)
class Finished:
    """All frames were sent; nothing follows."""


class Ring:
    """Memory shared by one decoder and one reader: a page with a heartbeat, then slots of one frame each.

    It is a file without a name, so that nothing is left behind however either side ends.
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
        """Make the nameless file: memory where the system has it, else a deleted temporary file."""
        if sys.platform == "linux":
            return cls(os.memfd_create("frames"))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    @property
    def beats(self) -> int:
        """How much work the decoder has done; it hangs when this stands still."""
        return int.from_bytes(self._beat[:8], "little")

    def beat(self) -> None:
        """Show that the decoder is alive."""
        self._beat[:8] = (self.beats + 1).to_bytes(8, "little")

    def map(self, slots: int, slot_bytes: int) -> None:
        """Lay out the slots, growing the memory where it is too small."""
        if (slots, slot_bytes) == (self._slots, self._slot_bytes):
            return
        size = mmap.PAGESIZE + slots * slot_bytes
        if os.fstat(self.handle).st_size < size:
            os.ftruncate(self.handle, size)
        self._pages = mmap.mmap(self.handle, size)
        self._slots, self._slot_bytes = slots, slot_bytes

    def view(self, slot: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """(h, w, 3) window on the pixels of one slot."""
        assert self._pages is not None
        offset = mmap.PAGESIZE + slot * self._slot_bytes
        flat = np.frombuffer(self._pages, np.uint8, int(np.prod(shape)), offset)
        return flat.reshape(shape)

    def close(self) -> None:
        """Give up this side's share."""
        os.close(self.handle)


class Sender:
    """The decoder's end: puts frames into free slots and tells the reader."""

    def __init__(self, connection: Connection, ring: Ring) -> None:
        self.tell: Callable[[object], None] = connection.send
        self.ring = ring
        self._connection = connection
        self._free: queue.Queue[int] = queue.Queue()
        self._slots = self._slot_bytes = 0

    def watch(self) -> None:
        """Collect freed slots in the background, and end this process when the reader is gone."""
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        try:
            while True:
                self._free.put(self._connection.recv())
        except (EOFError, OSError):
            os._exit(0)

    def put(self, number: int, seconds: float, pixels: NDArray[np.uint8], ahead: int) -> None:
        """Send one (h, w, 3) frame; wait while the reader has not taken earlier ones."""
        if pixels.nbytes > self._slot_bytes:
            self._grow(pixels.nbytes, ahead)
        slot = self._free.get()
        self.ring.view(slot, pixels.shape)[:] = pixels
        self.tell(Shown(number, seconds, slot, pixels.shape, self._slots, self._slot_bytes))

    def _grow(self, slot_bytes: int, ahead: int) -> None:
        for _ in range(self._slots):
            self._free.get()  # the reader has copied every frame of the smaller layout
        self._slots, self._slot_bytes = max(2, min(ahead, RING // slot_bytes)), slot_bytes
        self.ring.map(self._slots, slot_bytes)
        for slot in range(self._slots):
            self._free.put(slot)
