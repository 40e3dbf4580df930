"""What staff decided otherwise than an analysis: kept as data, to be approved, learnt from and counted."""
