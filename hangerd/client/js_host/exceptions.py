"""What js-host's names raise. They are no HangerdErrors: who catches Exception catches these."""

from __future__ import annotations


class ConfigError(Exception):
    """A setting or a config file that cannot be used."""


class ConfigurationError(ConfigError):
    """The settings were configured twice, or set past `configure`."""


class ConnectionError(Exception):
    """Nobody answers at the host's address, or another than the one expected."""


class FunctionError(Exception):
    """The function raised; the text is its name and the remote stack."""


class FunctionTimeout(Exception):
    """The function did not answer in time; it was cancelled."""


class UnexpectedResponse(Exception):
    """An answer that is neither a value nor an error of the function."""


class ProcessError(Exception):
    """A process could not be started, or is gone."""
