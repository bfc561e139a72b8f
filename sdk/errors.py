"""What can go wrong with a feed."""


class FeedError(Exception):
    """The feed could not be read; trying again later may help."""


class Contradiction(FeedError):
    """What the register says now does not fit what it said or signed before; do not go on, ask the operator."""
