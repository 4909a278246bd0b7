"""Linear systems of rate matrices, solved without subtraction."""
