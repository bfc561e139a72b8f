"""The cards of invented persons, and the shelf they lie on."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from services.identity.card_issuer.issuer import Authority, Issuer, key_in, key_text, new_key
from services.identity.model.certificates import Use
from services.identity.model.facts_of_person import FactsOfPerson

#: After so many wrong tries the card is locked, as a real one is.
_TRIES = {Use.AUTHENTICATION: 3, Use.SIGNING: 5}
#: Under this age nobody gets a certificate with name and address.
_SIGNS_FROM = 15


class WrongPin(Exception):
    """The card does not sign."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Held:
    """One certificate on a card, with its key."""

    serial: int
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


@dataclass(slots=True)
class Card:
    """A card: who it shows, and what it signs with."""

    id: UUID
    person: FactsOfPerson
    pins: dict[Use, str]
    note: str = ""
    held: dict[Use, Held] = field(default_factory=dict)
    #: Certificates the same person had before.
    earlier: list[tuple[Use, int]] = field(default_factory=list)
    wrong: dict[Use, int] = field(default_factory=dict)

    def signs(self, use: Use, pin: str, text: str) -> tuple[bytes, bytes]:
        """The certificate (DER) and the signature under ``text``, for whoever knows the PIN."""
        if use not in self.held:
            raise WrongPin(
                "card-has-no-certificate", "このカードには署名用の電子証明書がありません。"
            )
        if self.wrong.get(use, 0) >= _TRIES[use]:
            raise WrongPin(
                "card-locked",
                "暗証番号を続けてまちがえたため、ロックされています。市区町村の窓口で解除できます。",
            )
        if not secrets.compare_digest(pin.encode(), self.pins[use].encode()):
            self.wrong[use] = self.wrong.get(use, 0) + 1
            left = _TRIES[use] - self.wrong[use]
            raise WrongPin(
                "card-pin", f"暗証番号がちがいます。あと{left}回まちがえるとロックされます。"
            )
        self.wrong[use] = 0
        held = self.held[use]
        signature = held.key.sign(text.encode(), ec.ECDSA(SHA256()))
        return held.certificate.public_bytes(Encoding.DER), signature

    def others(self, use: Use, serial: int) -> list[tuple[Use, int]]:
        """Every certificate of the person but this one."""
        now = [(each, held.serial) for each, held in self.held.items()]
        return [one for one in (*now, *self.earlier) if one != (use, serial)]


@dataclass(slots=True)
class Shelf:
    """An issuer and the cards it gave out."""

    issuer: Issuer
    cards: dict[UUID, Card] = field(default_factory=dict)
    revoked: dict[Use, list[int]] = field(default_factory=lambda: {use: [] for use in Use})

    def give(
        self,
        card_id: UUID,
        person: FactsOfPerson,
        pins: dict[Use, str],
        now: datetime,
        *,
        note: str = "",
        lasts: timedelta = timedelta(days=1800),
    ) -> Card:
        """A new card of somebody; a child's holds no signing certificate."""
        card = Card(card_id, person, pins, note)
        self.cards[card_id] = card
        self.renew(card, now, lasts=lasts)
        return card

    def renew(self, card: Card, now: datetime, *, lasts: timedelta = timedelta(days=1800)) -> None:
        """Fresh certificates in place of those the card held, which are revoked."""
        begins = now - timedelta(days=1)
        for use in self._uses(card.person, now):
            before = card.held.get(use)
            if before is not None:
                card.earlier.append((use, before.serial))
                self.revoked[use].append(before.serial)
            key, serial = new_key(), secrets.randbits(120) | 1
            made = self.issuer.issue(
                use, key.public_key(), card.person, serial=serial, now=begins, lasts=lasts
            )
            card.held[use] = Held(serial, key, made)

    def revoke(self, card: Card, *uses: Use) -> None:
        """Revoke what the card holds."""
        for use in uses or tuple(card.held):
            if use in card.held:
                self.revoked[use].append(card.held[use].serial)

    def _uses(self, person: FactsOfPerson, now: datetime) -> list[Use]:
        born = person.birth_on
        old = (now.year - born.year) - ((now.month, now.day) < (born.month, born.day))
        return [Use.AUTHENTICATION] if old < _SIGNS_FROM else list(Use)

    def holder(self, use: Use, serial: int) -> Card | None:
        """Whose certificate it is or was."""
        for card in self.cards.values():
            held = card.held.get(use)
            if (held and held.serial == serial) or (use, serial) in card.earlier:
                return card
        return None

    def save(self, folder: Path) -> None:
        """Write everything down."""
        _write(folder / "cards.json", json.dumps(_shelf_said(self), ensure_ascii=False).encode())
        _write(folder / "roots.pem", self.issuer.roots)


@contextmanager
def shelf_in(folder: Path) -> Iterator[Shelf | None]:
    """The shelf kept in a folder, or None, while nobody else makes one there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = folder / "cards.json"
        yield _shelf_of(json.loads(kept.read_text())) if kept.exists() else None
    finally:
        os.close(lock)


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
    unfinished.rename(path)


def _shelf_said(shelf: Shelf) -> dict[str, Any]:
    return {
        "authorities": {
            use.value: [key_text(each.key), _pem(each.certificate)]
            for use, each in shelf.issuer.authorities.items()
        },
        "revoked": {use.value: list(map(str, serials)) for use, serials in shelf.revoked.items()},
        "cards": [_card_said(card) for card in shelf.cards.values()],
    }


def _card_said(card: Card) -> dict[str, Any]:
    person = card.person
    return {
        "id": str(card.id),
        "person": {
            name: str(getattr(person, name)) if name == "birth_on" else getattr(person, name)
            for name in FactsOfPerson.__slots__
        },
        "pins": {use.value: pin for use, pin in card.pins.items()},
        "note": card.note,
        "held": {
            use.value: [key_text(held.key), _pem(held.certificate)]
            for use, held in card.held.items()
        },
        "earlier": [[use.value, str(serial)] for use, serial in card.earlier],
    }


def _shelf_of(said: dict[str, Any]) -> Shelf:
    authorities = {
        Use(use): Authority(Use(use), key_in(key), _certificate(pem))
        for use, (key, pem) in said["authorities"].items()
    }
    revoked = {Use(use): list(map(int, serials)) for use, serials in said["revoked"].items()}
    cards = [_card_of(one) for one in said["cards"]]
    return Shelf(Issuer(authorities), {card.id: card for card in cards}, revoked)


def _card_of(said: dict[str, Any]) -> Card:
    person = said["person"]
    held = {}
    for use, (key, pem) in said["held"].items():
        certificate = _certificate(pem)
        held[Use(use)] = Held(certificate.serial_number, key_in(key), certificate)
    return Card(
        UUID(said["id"]),
        FactsOfPerson(**{**person, "birth_on": date.fromisoformat(person["birth_on"])}),
        {Use(use): pin for use, pin in said["pins"].items()},
        said["note"],
        held,
        [(Use(use), int(serial)) for use, serial in said["earlier"]],
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def base64_of(content: bytes) -> str:
    """Bytes as certificates and signatures travel."""
    return base64.b64encode(content).decode()
