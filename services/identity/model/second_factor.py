"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes that stand in for it."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import datetime

import pyotp

from services.identity.model.accounts import READABLE

_STEP_SECONDS = 30
#: A clock may be wrong by one step either way.
_WINDOW = (0, -1, 1)
_RECOVERY_CODES = 10
_NOT_CODE = re.compile(r"[^0-9a-z]")
ISSUER = "マチポ"


def new_secret() -> str:
    """A secret for an authenticator app, in base 32."""
    return pyotp.random_base32()


def uri_of(secret: str, sign_in_id: str) -> str:
    """The address an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in_id, issuer_name=ISSUER)


def fold_code(code: str) -> str:
    """A code as typed: full-width digits, capitals, spaces and hyphens do no harm."""
    return _NOT_CODE.sub("", unicodedata.normalize("NFKC", code).lower())


def step_of(secret: str, code: str, *, newest: int, now: datetime) -> int | None:
    """The time step ``code`` belongs to, if it is right and newer than the one used last."""
    folded = fold_code(code)
    current = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for shift in _WINDOW:
        step = current + shift
        # Every step is compared, so that the time taken does not tell which one it was.
        if hmac.compare_digest(totp.generate_otp(step), folded) and step > newest:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Fresh codes of 79 bits each."""
    return ["-".join(_part() for _ in range(4)) for _ in range(_RECOVERY_CODES)]


def _part() -> str:
    return "".join(secrets.choice(READABLE) for _ in range(4))


def recovery_hash(code: str) -> bytes:
    """What is kept of a recovery code."""
    return hashlib.sha256(fold_code(code).encode()).digest()
