"""The version of impound, once: the package, the custody log and every report take it from here."""

__version__ = "0.1.0"
