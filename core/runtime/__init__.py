"""Mode to parts; sockets, tasks, order of start and stop."""
