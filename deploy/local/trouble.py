"""The one way the launcher gives up: a line that says what to do."""


class Trouble(Exception):
    """Something a person can put right, told in one line."""
