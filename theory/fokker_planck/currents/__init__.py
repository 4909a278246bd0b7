"""What flows in a law."""
