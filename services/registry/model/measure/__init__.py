"""Measures (施策): what is typed, how it is judged, which way it goes, what may be edited when."""
