"""What can be done in identity; each runs in the transaction its caller opened."""
