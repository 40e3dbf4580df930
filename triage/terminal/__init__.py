"""A case on a terminal: how its events look, where answers come from, and how both meet."""
