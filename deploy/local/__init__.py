"""What `./portal` does, with the Python standard library alone."""
