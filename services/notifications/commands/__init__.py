"""What can be done: write letters, keep who can be written to, carry mails, settle open ones."""
