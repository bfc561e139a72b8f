"""The search over public measures: pages, files, and being told of new ones."""
