"""Measures on pages: their words, the form they are typed in, and how they look to everybody."""
