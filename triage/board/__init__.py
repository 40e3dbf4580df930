"""What the board shows: figures from rows and from Redis, read in few queries. Page and API render the same."""
