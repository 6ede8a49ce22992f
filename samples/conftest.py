"""The world's doctests run where its extra is installed: what draws cannot be imported without."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("moderngl") else ["world/*"]
