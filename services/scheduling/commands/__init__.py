"""What can be done in scheduling, each act in the transaction of whoever asks for it."""
