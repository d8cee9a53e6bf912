"""Programs that go into a package: each repeats one kind of finding with nothing but Python's standard library."""
