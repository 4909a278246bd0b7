"""Meshes of one box: coarser and finer ones, and what a sequence of them tells."""
