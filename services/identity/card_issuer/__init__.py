"""An issuer of cards for tests and for a machine of one's own: its cards are those of invented persons.

It issues what the real issuer issues, in the same form, and anybody who trusts its roots trusts a fiction: a portal for
real people never does.
"""

from services.identity.card_issuer.cards import Card, Shelf, WrongPin
from services.identity.card_issuer.issuer import Issuer

__all__ = ["Card", "Issuer", "Shelf", "WrongPin"]
