"""The sides of the messaging rows, each a program that prints one figure; both sides run the same way."""
