"""The roof: command line, nightly run, demo and doctor."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("xuncha")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0"
