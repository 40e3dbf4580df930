"""What is asked of the servers, and of the write path."""
