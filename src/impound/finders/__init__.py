"""Tables to finding tables, one file an idea."""
