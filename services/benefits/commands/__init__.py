"""What can be done in benefits."""
