"""A small server that plays the issuer of cards and a card reader, with the cards of invented persons.

For one machine and for tests: it says so on its page, and reads no real card. It answers what a verifier asks of the
issuer (lists of revoked certificates, which certificates are one person's) and lets its cards sign. ``POST
/cards/{id}/renewals`` gives a card fresh certificates, ``POST /cards/{id}/revocations`` revokes what it holds, ``POST
/control`` with ``{"closed": true}`` makes it silent.
"""
