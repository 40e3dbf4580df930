"""What a client sees: pages that work without JavaScript, one module for each thing that a person does."""
