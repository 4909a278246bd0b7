"""What happens in time: passages, evolution, spectrum."""
