"""The page of verdicts: one HTML file with all claims, their numbers, pictures and data, that fetches nothing.

Never judges a claim: what is not on a shelf is said to be missing.
"""

from compare.page.entry import Entry, entries_of
from compare.page.html import page_of

__all__ = ["Entry", "entries_of", "page_of"]
