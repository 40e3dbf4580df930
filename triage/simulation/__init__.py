"""Simulated clients: who they are, how they answer, and how well an interview with them goes."""
