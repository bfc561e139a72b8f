"""Every SQL statement of benefits."""
