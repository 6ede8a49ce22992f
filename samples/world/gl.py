"""OpenGL without a window: on a GPU where there is one, else in software (Mesa's llvmpipe)."""

from __future__ import annotations

from functools import cache

from samples.world.errors import WorldError

try:
    import moderngl
except ImportError as error:
    raise WorldError(
        f"{error.name} is missing: pip install '.[world]' from a copy of the repository"
    ) from error


@cache
def context() -> moderngl.Context:
    """Open this process's one context.

    Raises:
        WorldError: no OpenGL 3.3 over EGL.
    """
    try:
        return moderngl.create_standalone_context(require=330, backend="egl")
    except Exception as error:
        raise WorldError(
            f"no OpenGL over EGL on this machine ({error}); on Debian or Ubuntu: apt install libegl1 libgl1-mesa-dri"
        ) from error
