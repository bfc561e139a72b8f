"""Files people hand in: what they may be called, what they are, what must not be in them."""
