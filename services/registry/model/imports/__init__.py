"""Files of measures and target lists: how they are read, and what is said about each row that must be mended."""
