"""Linear systems of rate matrices, solved without subtraction.

Never holds an iteration, or a matrix with negative rates.
"""
