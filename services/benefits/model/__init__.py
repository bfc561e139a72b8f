"""Rules of benefits, without any I/O."""
