"""The services: each owns its words, its database and its queue; none knows another."""
