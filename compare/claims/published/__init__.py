"""Claims of published papers that a reader will ask for: stationary laws, escape, collapse, learning coefficients.

Never holds a claim of one of the other sources.
"""
