"""The roof: command line, nightly run, demo and doctor."""


def __getattr__(name: str) -> str:
    """``__version__``, looked up when it is asked for: the look-up takes 40 ms, and most commands never need it."""
    if name != "__version__":
        raise AttributeError(f"module 'xuncha' has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("xuncha")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0.0.0"
