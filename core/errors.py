"""One hierarchy of errors; each message says where, what was expected, what was found and what to do next.

::

    XunchaError
    ├── SettingsError      a setting is unknown, malformed or missing
    ├── PluginError        a source, label, model or report folder is not what it should be
    ├── StoreError         the store cannot be opened, migrated or written
    ├── InputError         a file or record that came from outside cannot be read
    ├── ModelError         a model is missing, altered or made for other labels
    │   └── Unavailable    it needs an extra that is not installed, or a service that is not set
    ├── EvidenceError      stored evidence does not match its record
    └── Busy               another run holds the workspace
"""

from __future__ import annotations


class XunchaError(Exception):
    """Anything that the command line reports as one line and a stable exit status."""

    exit_status = 1


class SettingsError(XunchaError):
    """A setting is unknown, malformed or missing."""

    exit_status = 2


class PluginError(XunchaError):
    """A source, label, model or report folder is not what it should be."""

    exit_status = 2


class StoreError(XunchaError):
    """The store cannot be opened, migrated or written."""


class InputError(XunchaError):
    """A file or record that came from outside cannot be read."""

    exit_status = 3


class ModelError(XunchaError):
    """A model is missing, altered or made for other labels."""


class Unavailable(ModelError):
    """A model needs packages of an extra that is not installed, or a service whose address is not set."""


class EvidenceError(XunchaError):
    """Stored evidence does not match its record."""

    exit_status = 4


class Busy(XunchaError):
    """Another run holds the workspace."""

    exit_status = 5
