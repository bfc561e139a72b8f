"""What can be done in the registry, each act in the transaction of whoever asks for it."""
