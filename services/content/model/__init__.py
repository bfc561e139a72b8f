"""The rules of what is published: no I/O, given the instant."""
