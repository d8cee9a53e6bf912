"""What runs until it is told to end: the tip form. A web server lives here and nowhere else."""
