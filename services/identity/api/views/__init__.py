"""What clients see and send."""
