"""Claims of papers of 2019 to 2026 that can be decided on landscapes of few dimensions.

Never holds a claim of one of the other sources.
"""
