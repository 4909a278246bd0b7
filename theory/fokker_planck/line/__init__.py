"""One dimension: integrals in logarithms between the zeros of D."""
