"""OpenGL without a window, on a GPU or in software (Mesa's llvmpipe)."""

from __future__ import annotations

from functools import cache

from samples.world.errors import WorldError

try:
    import moderngl
except ImportError as error:
    raise WorldError(
        f"{error.name} is not installed; run `pip install '.[world]'` in a copy of the repository"
    ) from error


@cache
def context() -> moderngl.Context:
    """Return the OpenGL context of this process; the first call opens it.

    Raises:
        WorldError: OpenGL 3.3 over EGL is not available.
    """
    try:
        opened = moderngl.create_context(standalone=True, require=330, backend="egl")  # type: ignore[arg-type]
    except Exception as error:  # moderngl raises no narrower class
        raise WorldError(
            f"OpenGL over EGL is not available ({error}); on Debian or Ubuntu run `apt install libegl1 libgl1-mesa-dri`"
        ) from error
    opened.gc_mode = "auto"  # by default buffers and textures stay in memory until the process ends
    return opened
