"""What can be done with what is published."""
