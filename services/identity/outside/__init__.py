"""The world outside identity: the issuer of the residents' cards."""
