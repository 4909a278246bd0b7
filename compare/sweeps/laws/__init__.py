"""What is measured at one point of a sweep: the law of SGD, the laws of theory beside it, and where they end.

Never holds a method of its own: laws come from `theory` and `simulate`, distances from `compare.distances`.
"""
