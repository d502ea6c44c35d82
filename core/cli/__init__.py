"""The `kalshiflow-rl` commands, one file each."""
