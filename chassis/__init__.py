"""What a process stands on before it knows what it is for: no word of the domain."""
