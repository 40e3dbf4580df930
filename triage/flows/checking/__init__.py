"""What spans several parts of a flow: references, reach, translations."""
