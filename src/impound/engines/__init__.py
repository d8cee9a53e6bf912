"""Where the work runs, one file an engine."""
