"""What is asked of the servers: each module has `measure(stage, peer) -> Figure` or, for the write path, `write(stage)`."""
