"""Files of measures and target lists come in, are read, and count once somebody says so."""
