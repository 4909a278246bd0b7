"""Stages of the main job, each filling its part of a `Report`."""
