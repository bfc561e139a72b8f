"""The rules of letters and their mails, without I/O."""
