"""Rates at which laws settle, with their errors."""
