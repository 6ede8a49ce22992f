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
        opened = moderngl.create_context(standalone=True, require=330, backend="egl")  # type: ignore[arg-type]
    except Exception as error:  # moderngl raises nothing narrower
        raise WorldError(
            f"no OpenGL over EGL on this machine ({error}); on Debian or Ubuntu: apt install libegl1 libgl1-mesa-dri"
        ) from error
    opened.gc_mode = "auto"  # by default what a scene was drawn with stays in memory until the process ends
    return opened
