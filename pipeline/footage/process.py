"""The decoder process: answers one request of a reader."""

from __future__ import annotations

import signal
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from pipeline.errors import FootageError
from pipeline.footage.decoders import StderrCapture, decode
from pipeline.footage.exchange import (
    Footage,
    FrameSender,
    Note,
    ReadingDone,
    ReadingPlan,
    ReadRequest,
    Ring,
)
from pipeline.footage.piece_decoders import MEMORY, FrameOutput, limit_memory, read_picture, send_piece
from pipeline.footage.pieces import numbered_pictures, picture_rate, read_timeline
from pipeline.footage.recording import Recording
from pipeline.footage.scan import NO_TIMES, demux, open_footage


def run_decoder(connection_handle: int, ring_handle: int) -> None:
    """Answer one request of a reader: the main function of the decoder process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the reader handles an interrupt
    stderr = StderrCapture()
    connection = Connection(connection_handle)
    request: Recording | ReadRequest = connection.recv()
    sender = FrameSender(connection, Ring(ring_handle))
    try:
        if isinstance(request, Recording):
            sender.send(probe_recording(request))
        else:
            send_frames(request, sender, stderr)
            sender.send(ReadingDone())
    except FootageError as error:
        sender.send(error)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # odd values of damaged files
        recording = request if isinstance(request, Recording) else request.footage.recording
        fault = f"{type(error).__name__}: {' '.join(str(error).split())}"
        sender.send(
            FootageError(f"{recording} cannot be read ({fault}); it is damaged, copy or record it again")
        )


def probe_recording(recording: Recording) -> Footage:
    """Describe a recording by the first of its files that can be read.

    Raises:
        FootageError: no file can be read.
    """
    errors: list[FootageError] = []
    for path in recording.files:
        try:
            return _probe_pictures(path, recording) if path.is_dir() else _probe_video(path, recording)
        except FootageError as error:
            errors.append(error)
    raise errors[0]


def _probe_video(path: Path, recording: Recording) -> Footage:
    """Describe a video by its header and the first frame that can be decoded."""
    container, stream = open_footage(path)
    with container:
        frame = next(
            (frame for packet in demux(container, stream) for frame in decode(stream, packet)[0]), None
        )
        frame = frame or next(iter(decode(stream, None)[0]), None)
        if frame is None:
            raise FootageError(f"no frame of {path} can be decoded; it is damaged, copy or record it again")
        if frame.pts is None:
            raise FootageError(f"{path} {NO_TIMES}")
        turns = round(frame.rotation / 90) % 4
        return Footage(
            recording=recording,
            width=frame.height if turns % 2 else frame.width,
            height=frame.width if turns % 2 else frame.height,
            fps=float(stream.average_rate or stream.guessed_rate or 0),
            turns=turns,
        )


def _probe_pictures(folder: Path, recording: Recording) -> Footage:
    """Describe a folder of pictures by the first one that can be read."""
    pictures = numbered_pictures(folder)
    fps = picture_rate(folder, recording.timing)
    for path in pictures:
        if path is not None and (picture := read_picture(path)) is not None:
            height, width = picture.shape[:2]
            return Footage(recording=recording, width=width, height=height, fps=fps, turns=0)
    raise FootageError(f"no picture in {folder} can be read; they are damaged, copy them again")


def send_frames(request: ReadRequest, sender: FrameSender, stderr: StderrCapture) -> None:
    """Send the requested frames, piece by piece."""
    limit_memory(MEMORY)
    timeline = read_timeline(request.footage.recording, sender.ring.beat)
    is_wanted = (timeline.seconds >= request.start) & (timeline.seconds < request.end)
    wanted = np.flatnonzero(is_wanted)[:: request.stride]
    sender.send(ReadingPlan(len(wanted), len(timeline.seconds)))
    for fault in timeline.faults:
        sender.send(Note(fault, truncated=True))
    for note in timeline.notes:
        sender.send(Note(note))
    wanted = wanted[wanted >= request.first]
    output = FrameOutput(request, sender, timeline.seconds)
    segment = 0
    for piece, first in zip(timeline.pieces, timeline.firsts, strict=True):
        begin, end = np.searchsorted(wanted, (first, first + len(piece.seconds)))
        segment = send_piece(piece, wanted[begin:end] - first, first, segment, output, stderr)
