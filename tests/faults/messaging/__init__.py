"""The way out and in, broken on purpose: real processes are killed, the broker is wiped, facts come twice."""
