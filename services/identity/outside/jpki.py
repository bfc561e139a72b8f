"""The issuer of cards as a verifier meets it: its roots, what it revoked, and which certificates are one person's.

What is not known counts as no: without a list that is signed, of now and readable, nobody's card is believed.
"""

import asyncio
import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import orjson
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from chassis.clock import now
from chassis.refusal import Unavailable
from services.identity.model.certificates import Certificate, Use, name_of

_log = structlog.get_logger()

_LONGEST = 32 * 1024 * 1024
#: A list is asked for again after this long, if it is still good meanwhile.
_LOOK_AGAIN = timedelta(seconds=60)
_AHEAD = timedelta(seconds=60)


class Jpki(Protocol):
    """What identity asks of the issuer."""

    def roots(self) -> list[x509.Certificate]:
        """The certificates every chain ends in."""

    async def is_revoked(self, certificate: Certificate) -> bool:
        """Whether the certificate was revoked; ``Unavailable`` where nobody can tell."""

    async def others(self, certificate: Certificate) -> list[tuple[Use, int]]:
        """The other certificates of the same person, earlier ones too: use and serial number."""


def cannot_tell() -> Unavailable:
    """The refusal while nobody can tell whether a card is good."""
    return Unavailable(
        "card-unverifiable",
        "ただいまカードの有効性を確認できません。少し待ってから、もう一度お試しください。",
        retry_after=30,
    )


class Closed:
    """Cards are not read here: no issuer is set."""

    def roots(self) -> list[x509.Certificate]:
        """None."""
        raise cannot_tell()

    async def is_revoked(self, certificate: Certificate) -> bool:
        """Nobody can tell."""
        raise cannot_tell()

    async def others(self, certificate: Certificate) -> list[tuple[Use, int]]:
        """Nobody can tell."""
        raise cannot_tell()


@dataclass(slots=True)
class _List:
    held: x509.CertificateRevocationList
    #: Good until then, whatever happens.
    until: datetime
    look_again_at: datetime


@dataclass(slots=True)
class IssuerAt:
    """The issuer behind an address, believed by the roots in a file."""

    url: str
    roots_file: Path
    seconds: float = 5.0
    _lists: dict[Use, _List] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def roots(self) -> list[x509.Certificate]:
        """The certificates every chain ends in."""
        try:
            return x509.load_pem_x509_certificates(self.roots_file.read_bytes())
        except (OSError, ValueError) as why:
            _log.error("the roots of cards cannot be read", why=repr(why))
            raise cannot_tell() from None

    def forget(self) -> None:
        """Believe no list any longer than it takes to ask again."""
        self._lists.clear()

    async def is_revoked(self, certificate: Certificate) -> bool:
        """Whether the certificate stands in the list its issuer signed."""
        found = await self._list_of(certificate)
        return found.get_revoked_certificate_by_serial_number(certificate.serial) is not None

    async def others(self, certificate: Certificate) -> list[tuple[Use, int]]:
        """The other certificates of the same person, as the issuer says under its signature."""
        content = await self._get(f"/people/{certificate.use}/{certificate.serial}")
        try:
            said = orjson.loads(content)
            statement = base64.b64decode(said["statement"], validate=True)
            signature = base64.b64decode(said["signature"], validate=True)
            _check_signed(self._issuer(certificate), statement, signature)
            told = orjson.loads(statement)
            if (told["use"], told["serial"]) != (certificate.use.value, str(certificate.serial)):
                raise ValueError("about somebody else")
            return [(Use(one["use"]), int(one["serial"])) for one in told["others"]]
        except (ValueError, KeyError, TypeError, binascii.Error, InvalidSignature) as why:
            _log.error("what the issuer says cannot be believed", why=repr(why))
            raise cannot_tell() from None

    def _issuer(self, certificate: Certificate) -> x509.Certificate:
        return next(root for root in self.roots() if name_of(root) == certificate.issuer)

    async def _list_of(self, certificate: Certificate) -> x509.CertificateRevocationList:
        async with self._asking:
            kept, at = self._lists.get(certificate.use), now()
            if kept is not None and at < min(kept.until, kept.look_again_at):
                return kept.held
            try:
                kept = await self._fetched(certificate)
            except Unavailable:
                # An older list is still the issuer's word until its own end.
                if kept is None or at >= kept.until:
                    raise
            self._lists[certificate.use] = kept
            return kept.held

    async def _fetched(self, certificate: Certificate) -> _List:
        content = await self._get(f"/{certificate.use}.crl")
        at = now()
        try:
            found = x509.load_der_x509_crl(content)
            issuer = self._issuer(certificate)
            until = found.next_update_utc
            if found.issuer != issuer.subject or not found.is_signature_valid(_strong(issuer)):
                raise ValueError("signed by somebody else")
            if until is None or until <= at or found.last_update_utc > at + _AHEAD:
                raise ValueError("a list of another time")
        except (ValueError, TypeError) as why:
            _log.error("the list of revoked cards cannot be believed", why=repr(why))
            raise cannot_tell() from None
        return _List(found, until, at + _LOOK_AGAIN)

    async def _get(self, path: str) -> bytes:
        timeout = ClientTimeout(total=self.seconds)
        try:
            async with (
                ClientSession(timeout=timeout) as session,
                session.get(self.url.rstrip("/") + path, allow_redirects=False) as answer,
            ):
                content = await answer.content.read(_LONGEST)
                while more := await answer.content.readany():
                    content += more
                    if len(content) > _LONGEST:
                        raise cannot_tell()
                if answer.status != 200:
                    raise cannot_tell()
                return content
        except (ClientError, OSError, TimeoutError) as why:
            _log.warning("the issuer of cards does not answer", why=repr(why))
            raise cannot_tell() from None


def _strong(issuer: x509.Certificate) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise TypeError("an issuer with another kind of key")
    return key


def _check_signed(issuer: x509.Certificate, statement: bytes, signature: bytes) -> None:
    key = _strong(issuer)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, statement, padding.PKCS1v15(), SHA256())
    else:
        key.verify(signature, statement, ec.ECDSA(SHA256()))
