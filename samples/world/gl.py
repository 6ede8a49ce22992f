"""OpenGL without a window: on a GPU where there is one, else in software (Mesa's llvmpipe)."""

from __future__ import annotations

from functools import cache

import moderngl


class WorldError(Exception):
    """The world cannot be drawn here; the message says why and what to do."""


@cache
def context() -> moderngl.Context:
    """Open this process's one context.

    Raises:
        WorldError: no OpenGL 3.3 over EGL.
    """
    try:
        return moderngl.create_standalone_context(require=330, backend="egl")
    except Exception as error:  # noqa: BLE001  moderngl raises Exception itself
        raise WorldError(
            f"no OpenGL over EGL on this machine ({error}); on Debian or Ubuntu: apt install libegl1 libgl1-mesa-dri"
        ) from error
