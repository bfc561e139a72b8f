"""Cards: what they are asked to sign, and what a reading is worth."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Pool, reading
from chassis.ids import new_id
from chassis.refusal import FieldError, Invalid, NotFound
from services.identity.commands.office import Office
from services.identity.model.assertions import USES, Challenge, Purpose
from services.identity.model.certificates import (
    Certificate,
    check_signature,
    digest_of,
    read_certificate,
    revoked,
    wrong_certificate,
)
from services.identity.store import cards, residents

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TARGETS = {
    Purpose.SIGN_IN: re.compile(""),
    Purpose.DESK: re.compile("[^\x00-\x1f]{1,40}"),
    Purpose.FAMILY: re.compile("family"),
    Purpose.APPLY: re.compile(f"apply/{_UUID}/{_UUID}"),
    Purpose.LINK: re.compile(f"(link/{_UUID}|keep)/[A-Za-z0-9_-]{{1,64}}/[0-9a-f]{{64}}"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A card that was read: good, of now, and under exactly this challenge."""

    challenge: Challenge
    certificate: Certificate
    #: All that is kept of the certificate's number.
    kept: bytes
    #: The reading itself, by its hash.
    digest: bytes
    #: The same person's other certificates, where this one was never seen before.
    kin: list[bytes] = field(default_factory=list)


async def ask(
    conn: Connection,
    purpose: Purpose,
    target: str,
    *,
    session_id: UUID | None,
    desk_id: UUID | None = None,
    now: datetime,
) -> Challenge:
    """Something to sign, for this purpose and target, in this session."""
    if not _TARGETS[purpose].fullmatch(target):
        detail = (
            "何のための読み取りかが読み取れません。画面を開き直してから、もう一度お試しください。"
        )
        raise Invalid("card-target", detail, errors=[FieldError("target", "card_target", detail)])
    made = Challenge.made(
        new_id(),
        purpose,
        target,
        secrets.token_bytes(32),
        session_id=session_id,
        desk_id=desk_id,
        now=now,
    )
    await cards.add_challenge(conn, made)
    return made


async def read(
    pool: Pool, office: Office, challenge_id: UUID, der: bytes, signature: bytes, *, now: datetime
) -> Reading:
    """What a card answered to a challenge; the issuer is asked outside of any transaction."""
    async with reading(pool) as conn:
        challenge = await cards.challenge(conn, challenge_id)
    if challenge is None:
        raise no_such_challenge()
    certificate = read_certificate(der, office.jpki.roots(), now)
    if certificate.use is not USES[challenge.purpose]:
        raise wrong_certificate(USES[challenge.purpose])
    text = challenge.text(office.public_url)
    check_signature(certificate, text, signature)
    if await office.jpki.is_revoked(certificate):
        raise revoked(certificate.use)
    kept = office.kept(certificate.issuer, certificate.use, certificate.serial)
    async with reading(pool) as conn:
        known = await residents.holder(conn, kept)
    kin = [] if known else await _kin_of(office, certificate)
    return Reading(challenge, certificate, kept, digest_of(text, signature), kin)


async def _kin_of(office: Office, certificate: Certificate) -> list[bytes]:
    told = await office.jpki.others(certificate)
    # The issuer of the other certificate is not named: each number is looked for below every root.
    return [office.kept(issuer, *one) for one in told for issuer in office.issuers()]


async def lock(conn: Connection, reading_: Reading) -> Challenge:
    """The challenge as it stands now, locked."""
    found = await cards.challenge_for_update(conn, reading_.challenge.id)
    if found is None:
        raise no_such_challenge()
    return found


def no_such_challenge() -> NotFound:
    """The refusal for a challenge nobody made."""
    return NotFound(
        "no-such-card-challenge", "読み取りの準備が見つかりません。もう一度読み取ってください。"
    )
