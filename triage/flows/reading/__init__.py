"""How words become values: dates, sums, counts and replies to closed questions, in each language."""
