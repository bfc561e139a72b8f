"""Images: one Dockerfile for every process, and what a new stack of containers needs first."""
