"""The parts of the interview: its state, reading a reply, choosing a question, speaking."""
