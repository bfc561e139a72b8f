"""What residents' cards send and get."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.refusal import Malformed
from chassis.web import Body

#: Base64, as certificates and signatures come.
Encoded = Annotated[str, StringConstraints(min_length=4, max_length=12_000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


def decoded(text: str) -> bytes:
    """The bytes behind a text of base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Malformed(
            "card-unreadable", "カードの読み取り結果を読み取れません。もう一度読み取ってください。"
        ) from None


class AskChallengeBody(Body):
    """What a card is to be read for."""

    purpose: Literal["sign_in", "desk", "family", "apply", "link"]
    #: ``apply/<measure>/<person>``, ``link/<entitlement>/<service>/<account digest>`` or, to keep an account for later,
    #: ``keep/<service>/<account digest>`` (its purpose is ``link``); at a desk the terminal's name.
    target: Annotated[str, StringConstraints(max_length=400)] = ""


class ChallengeView(BaseModel):
    """What the card is to sign, and which of its certificates."""

    challenge_id: UUID
    nonce: str
    text_to_sign: str
    certificate: Literal["authentication", "signing"]
    expires_at: datetime


class AssertionBody(Body):
    """What the card answered: its certificate (DER) and the signature, both as base64."""

    challenge_id: Annotated[UUID, Field(strict=False)]
    certificate: Encoded
    signature: Encoded


class ProofView(BaseModel):
    """A proof for the service that acts on it: once, within two minutes."""

    proof: str


class SimulatedCardView(BaseModel):
    """The card of an invented person."""

    card_id: UUID
    name: str
    note: str


class SimulatedCardsView(BaseModel):
    """The simulator's cards; empty where no simulator is set."""

    items: list[SimulatedCardView]


class ReadSimulatedBody(Body):
    """Which invented person's card is read, and the PIN typed at the reader."""

    challenge_id: Annotated[UUID, Field(strict=False)]
    card_id: Annotated[UUID, Field(strict=False)]
    pin: Annotated[str, StringConstraints(min_length=1, max_length=16)]


class ReadView(BaseModel):
    """What the card answered."""

    certificate: str
    signature: str


class DeskView(BaseModel):
    """The desk as staff see it before the next person."""

    #: People this session of staff has helped today.
    today: int
    #: Whether somebody's session is open now.
    busy: bool


class DeclareChildBody(AssertionBody):
    """A child, and what the child's card answered."""

    name: Line
    name_kana: Line
    birth_on: Annotated[date, Field(strict=False)]
    municipality_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    address: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class RelativeView(BaseModel):
    """Somebody a resident acts for, or asked to act for."""

    representation_id: UUID
    child_id: UUID
    name: str
    birth_on: date
    state: Literal["requested", "confirmed", "refused", "ended"]
    until_on: date


class FamilyView(BaseModel):
    """The resident's own id, and whom the resident acts for."""

    resident_id: UUID
    name: str
    items: list[RelativeView]


class AskedRepresentationsView(BaseModel):
    """What a municipality is asked to confirm."""

    items: list[RelativeView]


class DecideBody(Body):
    """Whether the municipality found it to be so."""

    confirmed: bool
