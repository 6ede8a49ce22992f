"""Skip the doctests of `samples/world` where its extra is not installed: its modules cannot be imported without it."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("moderngl") else ["world/*"]
