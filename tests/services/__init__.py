"""Real servers for the tests: classes with start and stop, private to one run, reachable by nobody else."""
