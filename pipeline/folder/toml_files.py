"""Files that people write, in TOML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_toml(path: Path, fault: type[PipelineError] = PipelineError) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        PipelineError: of the kind `fault`; it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fault(f"{path}: cannot be read: {error.strerror}") from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # also numbers of thousands of digits and arrays nested as deep
        raise fault(f"{path}: not a TOML file: {error}") from error
