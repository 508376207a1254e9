"""Expectations and folders → verdicts."""
