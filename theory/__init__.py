"""What theory predicts."""
