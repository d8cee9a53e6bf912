"""Bytes to record tables, one file a format."""
