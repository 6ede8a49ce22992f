def through_decord(
    task: Task, packets: list[tuple[int, Any]], complaints: Complaints
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Decode a segment as a file of its own, and give its frames only after all of them came out right.

    decord numbers what it decodes and may repeat a frame in place of a damaged one, so its frames count only where
    it saw as many packets as the scan, nothing was printed and all keyframes are of one size.

    Raises:
        Unfit: anything else.
    """
    decord = _import_decord(task.job.memory)
    complaints.new()
    _check_uniform(task.stream, [packet for _, packet in packets if packet.is_keyframe])
    shown, order = task.scan.shown, task.scan.order
    index = np.array([index for index, _ in packets])
    index = index[np.argsort(order[index], kind="stable")]  # in presentation order
    numbers = np.where(shown[index], np.searchsorted(task.scan.ticks, order[index]), -1)
    frames: deque[tuple[int, Any]] = deque()
    try:
        reader = decord.VideoReader(remux(task.stream, packets, order), num_threads=1)
        if len(reader) != len(packets):
            raise Unfit(f"decord finds {len(reader)} frames in {len(packets)} packets")
        at = 0
        for place in np.flatnonzero(np.isin(numbers, task.wanted)).tolist():
            if place > at:
                reader.skip_frames(place - at)
            frames.append((int(numbers[place]), reader.next()))
            at = place + 1
            task.sender.ring.beat()
    except (decord.DECORDError, RuntimeError, StopIteration) as error:
        raise Unfit(f"decord stops ({type(error).__name__})") from error
    if complaints.new():
        raise Unfit("decord's decoder complains")
    return _unpack(frames)


def _unpack(frames: deque[tuple[int, Any]]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Copy decord's frames out one at a time and let each go: a second copy of a segment costs more than decoding."""
    while frames:
        number, pixels = frames.popleft()
        yield number, pixels.asnumpy()


def remux(stream: Any, packets: list[tuple[int, Any]], order: NDArray[np.int64]) -> io.BytesIO:
    """Put packets into a file in memory, as if shown at 25 frames a second without gaps: times stay with the scan."""
    import av

    ranks = np.argsort(np.argsort(order[[index for index, _ in packets]], kind="stable"), kind="stable")
    delay = int((np.arange(len(ranks)) - ranks).max())  # so that no packet is shown before it is decoded
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        target = _copy_stream(container, stream)
        for place, (_, packet) in enumerate(packets):
            copy = av.Packet(bytes(packet))
            copy.time_base, copy.dts, copy.pts = Fraction(1, 25), place, int(ranks[place]) + delay
            copy.is_keyframe = packet.is_keyframe
            copy.stream = target
            container.mux_one(copy)
    return io.BytesIO(buffer.getvalue())


def _copy_stream(container: Any, stream: Any) -> Any:
    if stream.codec.canonical_name == "av1":  # its decoder has no encoder of the same name to copy by
        context = stream.codec_context
        return container.add_mux_stream("av1", 25, width=context.width, height=context.height)
    target = container.add_stream_from_template(stream)
    target.set_display_rotation(0)
    return target


def _check_uniform(stream: Any, keyframes: list[Any]) -> None:
    """Decode the keyframes: where their sizes differ, decord would scale all frames to the first one's."""
    kinds = set()
    for packet in keyframes:
        kinds |= {(frame.width, frame.height, frame.format.name) for frame in _alone(stream, packet)}
    if len(kinds) != 1:
        raise Unfit("its frames differ in size" if kinds else "its keyframe is damaged")


def through_pyav(task: Task, packets: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Decode packet by packet, and give each frame as it comes out.

    After damage nothing is given until the next keyframe: pictures in between are guesses from what was lost.
    """
    scan, stream, bad = task.scan, task.stream, task.damage
    wanted, last, count = set(task.wanted.tolist()), -1, task.segment.first
    for index, packet in _drained(packets, scan.closed):
        task.sender.ring.beat()
        frames, failed = _decode(stream, packet)
        if failed and packet is not None:
            bad.spread(index)
        for frame in frames:
            number = scan.number(int(scan.ticks[count]) if scan.by_rank else frame.pts)
            count += 1
            if number is None or number <= last:
                continue
            if frame.is_corrupt:
                bad.spread(int(scan.source[number]))
            last = number
            if number in wanted and not bad.touches(number):
                yield number, frame.to_ndarray(format="rgb24")
        if packet is None:
            stream.codec_context.flush_buffers()
        if last >= task.wanted[-1] or (failed and scan.by_rank):
            break
    _decode(stream, None)
    stream.codec_context.flush_buffers()


def _drained(packets: Iterable[tuple[int, Any]], closed: NDArray[np.bool_]) -> Iterator[tuple[int, Any]]:
    """Put a None, which makes the decoder give all it holds back, before each closed keyframe and at the end.

    Decoders drop what they hold back where the frame size changes.
    """
    index = -1
    for index, packet in packets:
        if closed[index]:
            yield index, None
        yield index, packet
    yield index, None


def _alone(stream: Any, packet: Any) -> list[Any]:
    """Decode one packet without any other."""
    frames = _decode(stream, packet)[0] + _decode(stream, None)[0]
    stream.codec_context.flush_buffers()
    return frames


class Damage:
    """Which packets depend on damaged ones."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._bad = np.zeros(len(scan.order), bool)
        self._keys = np.flatnonzero(scan.key)
        for index in np.flatnonzero(scan.damaged).tolist():
            self.spread(index)

    def spread(self, index: int) -> None:
        """Mark a packet, and all up to the next keyframe and its leading frames."""
        after = self._keys[np.searchsorted(self._keys, index, "right") :][:2].tolist()
        clean, end = (*after, len(self._bad), len(self._bad))[:2]
        order = self._scan.order
        self._bad[index:clean] = True
        if clean < end:
            self._bad[clean:end] |= order[clean:end] < order[clean]

    def touches(self, number: int) -> bool:
        """Tell whether a frame depends on damage."""
        return bool(self._bad[self._scan.source[number]])


def _decode(stream: Any, packet: Any) -> tuple[list[Any], bool]:
    """Decode one packet, or with None what the decoder holds back; the frames, and whether it failed."""
    import av

    try:
        return stream.codec_context.decode(packet), False
    except av.error.MemoryError:
        raise
    except av.FFmpegError:
        return [], True


