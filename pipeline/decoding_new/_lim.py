def _limit_memory(extra: int) -> None:
    """Let this process take `extra` bytes more address space than it has now; only Linux keeps such a limit."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        wish = pages * resource.getpagesize() + extra
        resource.setrlimit(resource.RLIMIT_AS, (wish if most < 0 else min(wish, most), most))


def _import_decord(memory: int) -> Any:
    """Import decord with room for its libraries, once it is needed."""
    if "decord" not in sys.modules:
        _limit_memory(IMPORT)
        importlib.import_module("decord")
        _limit_memory(memory)
    return sys.modules["decord"]


