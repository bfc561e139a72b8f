"""Imports: the files, how far each has come, and what reading them came to."""
