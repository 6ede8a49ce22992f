class Complaints:
    """What the native libraries printed: kept off the terminal, and a sign of damage."""

    def __init__(self) -> None:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        os.dup2(file.fileno(), 2)
        self._seen = 0

    def new(self) -> bool:
        """Tell whether anything was printed since the last call."""
        before, self._seen = self._seen, os.fstat(2).st_size
        return self._seen > before


class Unfit(Exception):  # noqa: N818 - never leaves this file
    """A segment that decord does not read right."""


