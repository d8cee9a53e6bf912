"""Tables to files for people, one file a format."""
