"""Every promise of the project, tried on the real thing."""
