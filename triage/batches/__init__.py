"""Many cases from one file: reading it, checking it, its rows, and what came of them."""
