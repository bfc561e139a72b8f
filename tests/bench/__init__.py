"""Us beside our peers: every row measures both in one interleaved run and tells the ratio."""
