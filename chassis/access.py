"""Who is asking: tokens are signed by one service, checked offline by each, and refused once ended."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from chassis import clock
from chassis.refusal import Unauthenticated
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind

#: Both names of the one algorithm: RFC 9864's and RFC 8037's.
_SIGNING = ["Ed25519", "EdDSA"]
_SEALING = ["ECDH-ES", "A256GCM"]
#: The audience of every token that speaks for a person or a machine client.
EVERYBODY = "machipo"
_CACHED_TOKENS = 10_000
#: A token nobody has shown for so long, or twice as long, is forgotten; most live no longer.
_KEPT_SECONDS = 60.0


def _unauthenticated() -> Unauthenticated:
    return Unauthenticated(
        "token-refused", "ログインの有効期限が切れました。もう一度ログインしてください。"
    )


class Keys:
    """Our own private keys and everybody's public ones; signs, verifies, seals and opens."""

    def __init__(
        self, own: str, key_file: Path, keys_file: Path, *, speaker: str = "identity"
    ) -> None:
        self.own = own
        #: The only issuer that may speak for people and machine clients.
        self._speaker = speaker
        private = json.loads(key_file.read_text())["keys"]
        public = json.loads(keys_file.read_text())["keys"]
        self._signing = _pick(private, own, "Ed25519")
        own_secret = str(self._signing.as_dict(private=True)["d"])
        self._tagging = hashlib.sha256(f"tag {own_secret}".encode()).digest()
        self._opening = _pick(private, own, "X25519")
        self._verifying = {k["kid"]: OKPKey.import_key(k) for k in public if k["crv"] == "Ed25519"}
        self._sealing = {k["kid"]: OKPKey.import_key(k) for k in public if k["crv"] == "X25519"}
        #: Tokens that were shown this minute, and those of the minute before.
        self._seen: dict[str, tuple[float, Principal]] = {}
        self._before: dict[str, tuple[float, Principal]] = {}
        self._turned_at = 0.0
        #: Sessions and clients that ended; kept up to date by ``refusing``.
        self.refused: frozenset[str] = frozenset()

    def sign(self, principal: Principal, *, audience: str = EVERYBODY, seconds: int = 60) -> str:
        """A token that says ``principal`` is asking, good for ``seconds``."""
        issued = int(clock.seconds())
        claims = {
            "iss": self.own,
            "aud": audience,
            "sub": principal.subject,
            "iat": issued,
            "exp": issued + seconds,
            "kind": principal.kind,
            "org": str(principal.organisation_id) if principal.organisation_id else None,
            "org_kind": principal.organisation_kind,
            "roles": sorted(principal.roles),
            "scopes": sorted(principal.scopes),
            "sid": str(principal.session_id) if principal.session_id else None,
            "amr": list(principal.amr),
            "desk": str(principal.desk_id) if principal.desk_id else None,
        }
        header = {"alg": "Ed25519", "kid": self.own, "typ": "machipo+jwt"}
        return jwt.encode(header, claims, self._signing, algorithms=_SIGNING)

    def attest(self, content: bytes, kind: str) -> str:
        """``content`` under our signature, for readers who need trust nobody on the way (compact JWS)."""
        header = {"alg": "Ed25519", "kid": self.own, "typ": kind}
        return jws.serialize_compact(header, content, self._signing, algorithms=_SIGNING)

    def attested(self, token: str, issuer: str, kind: str) -> bytes:
        """What ``issuer`` put its signature under as ``kind``; ``ValueError`` if it did not."""
        try:
            read = jws.deserialize_compact(
                token.encode(), self._verifying[issuer], algorithms=_SIGNING
            )
        except (JoseError, ValueError, KeyError, TypeError) as why:
            raise ValueError("this was not attested") from why
        header = read.headers()
        if header.get("typ") != kind or header.get("kid") != issuer:
            raise ValueError("this was attested as something else")
        return read.payload

    def tag(self, text: str) -> bytes:
        """A proof that ``text`` came from us which only we can make and check, the same each time."""
        return hmac.digest(self._tagging, text.encode(), "sha256")

    def for_service(self, audience: str, *, seconds: int = 30) -> str:
        """A token that says this service itself is asking ``audience``."""
        return self.sign(
            Principal(kind="service", subject=self.own), audience=audience, seconds=seconds
        )

    def verify(self, token: str) -> Principal:
        """Whom ``token`` speaks for, if it is good here and now."""
        expires, principal = self._seen.get(token) or self._meet(token)
        if expires <= clock.seconds():
            self._seen.pop(token, None)
            raise _unauthenticated()
        if self.refused and self._is_refused(principal):
            raise _unauthenticated()
        return principal

    def _meet(self, token: str) -> tuple[float, Principal]:
        """What a token says that was not shown this minute: known from the minute before, or read."""
        found = self._before.get(token) or self._check(token)
        now = clock.seconds()
        if now - self._turned_at > _KEPT_SECONDS or len(self._seen) >= _CACHED_TOKENS:
            self._before, self._seen, self._turned_at = self._seen, {}, now
        self._seen[token] = found
        return found

    def _is_refused(self, principal: Principal) -> bool:
        if principal.kind == "client":
            return principal.subject in self.refused
        return principal.session_id is not None and str(principal.session_id) in self.refused

    def _check(self, token: str) -> tuple[float, Principal]:
        try:
            decoded = jwt.decode(token, self._key_of(token), algorithms=_SIGNING)
        except (JoseError, ValueError, KeyError, TypeError):
            raise _unauthenticated() from None
        if decoded.header.get("typ") != "machipo+jwt":
            raise _unauthenticated()
        try:
            return self._read(decoded.claims, str(decoded.header.get("kid")))
        except (ValueError, KeyError, TypeError):
            raise _unauthenticated() from None

    def _key_of(self, token: str) -> OKPKey:
        # The issuer is pinned by name: a key or an address named in the token is never looked at.
        header = json.loads(_unpadded(token.split(".", 1)[0]))
        return self._verifying[header["kid"]]

    def _read(self, claims: dict[str, object], signer: str) -> tuple[float, Principal]:
        kind, subject = str(claims["kind"]), str(claims["sub"])
        by_service = kind == "service" and subject == signer and claims["aud"] == self.own
        by_speaker = signer == self._speaker and kind != "service" and claims["aud"] == EVERYBODY
        if claims["iss"] != signer or not (by_service or by_speaker):
            raise _unauthenticated()
        if float(str(claims["iat"])) > clock.seconds() + 60:
            raise _unauthenticated()
        principal = Principal(
            kind=kind,
            subject=subject,
            organisation_id=UUID(str(claims["org"])) if claims.get("org") else None,
            organisation_kind=OrganisationKind(str(claims["org_kind"]))
            if claims.get("org_kind")
            else None,
            roles=frozenset(Role(r) for r in _strings(claims.get("roles"))),
            scopes=frozenset(_strings(claims.get("scopes"))),
            session_id=UUID(str(claims["sid"])) if claims.get("sid") else None,
            amr=tuple(_strings(claims.get("amr"))),
            desk_id=UUID(str(claims["desk"])) if claims.get("desk") else None,
        )
        return float(str(claims["exp"])), principal

    def seal(self, reader: str, text: str) -> str:
        """``text`` so that only the service ``reader`` can open it."""
        header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": reader}
        return jwe.encrypt_compact(
            header, text.encode(), self._sealing[reader], algorithms=_SEALING
        )

    def unseal(self, sealed: str) -> str:
        """What was sealed for us; ``ValueError`` if it was not."""
        try:
            opened = jwe.decrypt_compact(sealed, self._opening, algorithms=_SEALING)
        except JoseError as why:
            raise ValueError("this was not sealed for us") from why
        return (opened.plaintext or b"").decode()

    def public(self, issuer: str) -> KeySet:
        """The public signing key of ``issuer``, to be shown to those who check signatures outside."""
        return KeySet([self._verifying[issuer]])


def seal(keys: Keys, reader: str, text: str) -> str:
    """``text`` so that only the service ``reader`` can open it."""
    return keys.seal(reader, text)


def unseal(keys: Keys, sealed: str) -> str:
    """What was sealed for us; ``ValueError`` if it was not."""
    return keys.unseal(sealed)


def _pick(keys: Iterable[dict[str, Any]], kid: str, curve: str) -> OKPKey:
    for key in keys:
        if key["kid"] == kid and key["crv"] == curve:
            return OKPKey.import_key(key)
    raise ValueError(f"no {curve} key of {kid}")


def _strings(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else []


def _unpadded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
