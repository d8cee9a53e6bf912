"""Tables to finding tables: a file an idea, a room where an idea needs several; what several ideas need lies here."""
