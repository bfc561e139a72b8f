"""The two sides of the row `grant`."""
