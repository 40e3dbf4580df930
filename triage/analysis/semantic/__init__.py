"""The analyzer that learns from a flow's examples: what they mean (sentence embeddings) and how they are worded."""
