"""Reading of TOML files."""

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
    """Read a TOML file; raise an error of class `fault` if it cannot be read or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fault(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, arrays nested as deep
        raise fault(f"{path}: not a TOML file: {error}") from error
