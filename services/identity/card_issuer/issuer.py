"""The two authorities behind a card and what they sign: certificates, lists of revoked ones, who has which."""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from services.identity.model.certificates import POLICIES, Use
from services.identity.model.facts_of_person import FactsOfPerson, names_of

_NAMES = {
    Use.AUTHENTICATION: "見本の利用者証明用認証局",
    Use.SIGNING: "見本の署名用認証局",
}
_LASTS = timedelta(days=5 * 365)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """A key as text."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def key_in(text: str) -> ec.EllipticCurvePrivateKey:
    """The key in a text."""
    found = load_pem_private_key(text.encode(), None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise TypeError("not a key of the simulator")
    return found


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority: its key and its own certificate."""

    use: Use
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, use: Use, now: datetime) -> "Authority":
        """A fresh one."""
        key = new_key()
        name = _name(_NAMES[use])
        made = _builder(name, name, key.public_key(), now, now + 4 * _LASTS, secrets.randbits(120))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return cls(use, key, made.sign(key, SHA256()))


@dataclass(frozen=True, slots=True)
class Issuer:
    """Both authorities."""

    authorities: dict[Use, Authority]

    @classmethod
    def new(cls, now: datetime) -> "Issuer":
        """An issuer nobody knows yet."""
        return cls({use: Authority.new(use, now - timedelta(days=365)) for use in Use})

    @property
    def roots(self) -> bytes:
        """What those who trust it hold (PEM)."""
        return b"".join(
            each.certificate.public_bytes(Encoding.PEM) for each in self.authorities.values()
        )

    def issue(
        self,
        use: Use,
        public_key: ec.EllipticCurvePublicKey,
        person: FactsOfPerson,
        *,
        serial: int,
        now: datetime,
        lasts: timedelta = _LASTS,
    ) -> x509.Certificate:
        """A certificate of one person's card; only the signing one says who it is."""
        authority = self.authorities[use]
        signing = use is Use.SIGNING
        subject = _name(person.name if signing else f"card {serial:x}"[:60])
        made = _builder(
            subject, authority.certificate.subject, public_key, now, now + lasts, serial
        )
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        made = made.add_extension(_usage(signing), critical=True)
        policy = x509.PolicyInformation(x509.ObjectIdentifier(POLICIES[use]), None)
        made = made.add_extension(x509.CertificatePolicies([policy]), critical=True)
        if signing:
            made = made.add_extension(names_of(person), critical=False)
        return made.sign(authority.key, SHA256())

    def revocations(
        self, use: Use, serials: list[int], now: datetime, *, lasts: timedelta
    ) -> bytes:
        """The list of revoked certificates (DER)."""
        authority = self.authorities[use]
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(now)
            .next_update(now + lasts)
        )
        for serial in serials:
            gone = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
            made = made.add_revoked_certificate(gone.build())
        return made.sign(authority.key, SHA256()).public_bytes(Encoding.DER)

    def statement(self, use: Use, serial: int, others: list[tuple[Use, int]]) -> bytes:
        """Which other certificates the person of one has, under the issuer's signature."""
        said = {
            "use": use.value,
            "serial": str(serial),
            "others": [{"use": other.value, "serial": str(number)} for other, number in others],
        }
        content = json.dumps(said).encode()
        signature = self.authorities[use].key.sign(content, ec.ECDSA(SHA256()))
        told = {
            "statement": base64.b64encode(content).decode(),
            "signature": base64.b64encode(signature).decode(),
        }
        return json.dumps(told).encode()


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Machipo simulator"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    begins: datetime,
    ends: datetime,
    serial: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _usage(signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=signing,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
