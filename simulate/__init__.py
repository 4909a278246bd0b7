"""What the discrete algorithm really does."""
