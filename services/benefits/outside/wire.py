"""A provider's answer as it comes over the wire: signed over its bytes, read strictly."""

from base64 import b64decode
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.model.holder import Holder
from services.benefits.model.link import AccountAnswer, AccountResult
from services.benefits.outside import Odd

#: The header that carries ``base64(Ed25519(body))``.
SIGNATURE = "Machipo-Signature"
_Short = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class WireAnswer(BaseModel):
    """What a provider says of an order."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    order_id: UUID
    answer_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    result: Result
    amount: Annotated[int, Field(strict=True)] | None = None
    resident_ref: _Short | None = None
    transaction_id: _Short | None = None
    granted_on: date | None = None
    code: Annotated[str, StringConstraints(max_length=60)] | None = None


class WireCheck(BaseModel):
    """What a provider says of the account an order is to go to, and of the name it is kept under."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    order_id: UUID
    result: AccountResult
    holder: Holder = Holder.CANNOT_SAY


_W = TypeVar("_W", WireAnswer, WireCheck)


def signed(body: bytes, signature: str, public_key: bytes) -> bool:
    """Whether these very bytes were signed with the provider's key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            b64decode(signature, validate=True), body
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def read_check(body: bytes, order_id: UUID) -> AccountAnswer:
    """A signed body as what it should be: an answer about the account of this order."""
    found = _about(WireCheck, body, order_id, telling=False)
    return AccountAnswer(found.result, found.holder)


def read(body: bytes, order_id: UUID, *, inquiry: bool) -> ProviderAnswer:
    """A signed body as what it should be: an answer about this order."""
    found = _about(WireAnswer, body, order_id)
    return ProviderAnswer(
        key=found.answer_id,
        result=found.result,
        amount=found.amount,
        resident_ref=found.resident_ref,
        transaction_id=found.transaction_id,
        granted_on=found.granted_on,
        code=found.code,
        inquiry=inquiry,
    )


def _about(kind: type[_W], body: bytes, order_id: UUID, *, telling: bool = True) -> _W:
    try:
        found = kind.model_validate_json(body)
    except ValidationError:
        raise Odd(body[:2000].decode(errors="replace") if telling else "unreadable") from None
    if found.order_id != order_id:
        raise Odd(f"about another order: {found.order_id}")
    return found
