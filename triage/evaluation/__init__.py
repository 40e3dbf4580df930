"""How right an assessment is, how well it knows that, and what its mistakes cost: measured, and shown."""
