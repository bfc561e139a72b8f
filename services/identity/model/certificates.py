"""Certificates of cards: who issued them, what for, until when, and what a signature under them is worth.

A resident's card holds two: one that says "the same person as before" (authentication), and one with name, address, day
of birth and sex (signing), which dies when one of these changes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.x509.oid import ExtensionOID

from chassis.refusal import Forbidden, Invalid
from services.identity.model.facts_of_person import FactsOfPerson, facts_in


class Use(StrEnum):
    """Which of a card's two certificates."""

    AUTHENTICATION = "authentication"
    SIGNING = "signing"


#: The policy each kind of certificate is issued under.
POLICIES = {
    Use.AUTHENTICATION: "1.2.392.200149.8.5.1.3.30",
    Use.SIGNING: "1.2.392.200149.8.5.1.1.20",
}
_HASHES = (SHA256, SHA384, SHA512)
_KNOWN_EXTENSIONS = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was found good, but for revocation."""

    use: Use
    serial: int
    #: The issuer by the hash of its certificate: serial numbers are unique below it.
    issuer: bytes
    expires_at: datetime
    held: x509.Certificate
    #: With a signing certificate only.
    person: FactsOfPerson | None = None


def read_certificate(der: bytes, roots: list[x509.Certificate], now: datetime) -> Certificate:
    """The certificate in ``der``, if one of ``roots`` issued it for a card and its time is now."""
    try:
        found = x509.load_der_x509_certificate(der)
        issuer = _issuer_of(found, roots)
        use = _use_of(found)
        _check_shape(found, use)
        person = facts_in(found) if use is Use.SIGNING else None
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        raise not_from_a_card() from None
    if not found.not_valid_before_utc <= now < found.not_valid_after_utc:
        raise Forbidden(
            "card-expired",
            "カードの電子証明書の有効期間が過ぎています。お住まいの市区町村の窓口で更新してください。",
        )
    return Certificate(
        use=use,
        serial=found.serial_number,
        issuer=name_of(issuer),
        expires_at=found.not_valid_after_utc,
        held=found,
        person=person,
    )


def name_of(issuer: x509.Certificate) -> bytes:
    """An issuer by the hash of its certificate."""
    return issuer.fingerprint(SHA256())


def _issuer_of(found: x509.Certificate, roots: list[x509.Certificate]) -> x509.Certificate:
    for root in roots:
        if root.subject != found.issuer:
            continue
        limits = root.extensions.get_extension_for_class(x509.BasicConstraints).value
        inside = root.not_valid_before_utc <= found.not_valid_before_utc
        inside = inside and found.not_valid_after_utc <= root.not_valid_after_utc
        if not limits.ca or not inside or not isinstance(found.signature_hash_algorithm, _HASHES):
            raise ValueError("no issuer of cards")
        try:
            found.verify_directly_issued_by(root)
        except InvalidSignature:
            continue
        return root
    raise ValueError("issued by a stranger")


def _use_of(found: x509.Certificate) -> Use:
    policies = found.extensions.get_extension_for_class(x509.CertificatePolicies).value
    named = {policy.policy_identifier.dotted_string for policy in policies}
    uses = [use for use, policy in POLICIES.items() if policy in named]
    if len(uses) != 1:
        raise ValueError("for another purpose, or for two")
    return uses[0]


def _check_shape(found: x509.Certificate, use: Use) -> None:
    critical = {e.oid for e in found.extensions if e.critical}
    limits = found.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = found.extensions.get_extension_for_class(x509.KeyUsage).value
    signs = usage.content_commitment if use is Use.SIGNING else not usage.content_commitment
    if limits.ca or not usage.digital_signature or usage.key_cert_sign or not signs:
        raise ValueError("not the certificate of a person")
    if not critical <= _KNOWN_EXTENSIONS or not 0 < found.serial_number < 1 << 159:
        raise ValueError("says something we do not understand")
    key = found.public_key()
    strong = isinstance(key, rsa.RSAPublicKey) and 2048 <= key.key_size <= 4096
    if not strong and not (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1")
    ):
        raise ValueError("a weak key")


def check_signature(certificate: Certificate, text: str, signature: bytes) -> None:
    """Refuse a signature that this certificate's card did not make under exactly ``text``."""
    key = certificate.held.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, text.encode(), padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, text.encode(), ec.ECDSA(SHA256()))
        else:
            raise InvalidSignature
    except InvalidSignature:
        raise Invalid(
            "card-signature",
            "カードの読み取りを確かめられませんでした。もう一度読み取ってください。",
        ) from None


def digest_of(text: str, signature: bytes) -> bytes:
    """One reading of a card, by the hash of what was signed and the signature."""
    return sha256(text.encode() + b"\0" + signature).digest()


def not_from_a_card() -> Forbidden:
    """The refusal for a certificate that no issuer of cards made for this."""
    return Forbidden(
        "card-not-recognised",
        "このカードの電子証明書は使えません。マイナンバーカードをご用意ください。",
    )


def wrong_certificate(use: Use) -> Forbidden:
    """The refusal for the card's other certificate."""
    words = "利用者証明用" if use is Use.AUTHENTICATION else "署名用"
    return Forbidden(
        "card-purpose", f"この手続きには{words}の電子証明書が要ります。もう一度読み取ってください。"
    )


def revoked(use: Use) -> Forbidden:
    """The refusal for a certificate that was revoked."""
    why = (
        "氏名や住所が変わると、署名用の電子証明書は使えなくなります。"
        if use is Use.SIGNING
        else "カードの紛失の届け出や、再発行がありました。"
    )
    return Forbidden(
        "card-revoked",
        f"この電子証明書は失効しています。{why}お住まいの市区町村の窓口で新しくしてください。",
    )


def of_age_on(birth_on: date, age: int) -> date:
    """The day on which somebody reaches ``age``; those born on 29 February do so on 1 March."""
    try:
        return birth_on.replace(year=birth_on.year + age)
    except ValueError:
        return date(birth_on.year + age, 3, 1)
