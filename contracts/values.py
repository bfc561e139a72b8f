"""Small words with rules of their own."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints


class OrganisationKind(StrEnum):
    """Which side of a match an organisation stands on."""

    MUNICIPALITY = "municipality"
    PROVIDER = "provider"
    SECRETARIAT = "secretariat"


class MunicipalityKind(StrEnum):
    """What sort of body a municipality (自治体等) is."""

    PREFECTURE = "prefecture"
    CITY = "city"
    WARD = "ward"
    TOWN = "town"
    VILLAGE = "village"
    CONSORTIUM = "consortium"
    OTHER = "other"


class PaymentServiceKind(StrEnum):
    """How a payment service works, as the programme groups them."""

    QR = "qr"
    E_MONEY = "e_money"
    PREPAID = "prepaid"
    CREDIT = "credit"
    DEBIT = "debit"
    REGIONAL_CURRENCY = "regional_currency"
    COUPON = "coupon"
    CASH = "cash"


class GrantType(StrEnum):
    """How the amount of a grant comes about."""

    FIXED = "fixed"
    PURCHASE_RATE = "purchase_rate"
    CHARGE_RATE = "charge_rate"


class EntryType(StrEnum):
    """What a resident does to take part in a measure."""

    POINT_APPLICATION = "point_application"
    EVENT_PARTICIPATION = "event_participation"
    NO_APPLICATION = "no_application"


class ReviewMethod(StrEnum):
    """When and by whom it is looked at whether somebody may receive."""

    PRE = "pre"
    AUTOMATIC = "automatic"
    POST = "post"
    COUNTER = "counter"


class Purpose(StrEnum):
    """What a measure is for."""

    LIVING_SUPPORT = "living_support"
    CHILD_REARING = "child_rearing"
    HEALTH = "health"
    REGIONAL_ACTIVITY = "regional_activity"
    CARD_UPTAKE = "card_uptake"
    SHOP_SUPPORT = "shop_support"
    OTHER = "other"


class EntitlementUnit(StrEnum):
    """For whom an amount is granted once."""

    PERSON = "person"
    CHILD = "child"
    HOUSEHOLD = "household"


class OnExhaustion(StrEnum):
    """What happens to further applications when budget or quota are used up."""

    CLOSE = "close"
    WAITLIST = "waitlist"


class ChangeAllowed(StrEnum):
    """How long a resident may choose another payment service."""

    NEVER = "never"
    UNTIL_SENT = "until_sent"


class CloseReason(StrEnum):
    """Why a measure takes no more applications."""

    DEADLINE = "deadline"
    BUDGET_EXHAUSTED = "budget_exhausted"
    QUOTA_REACHED = "quota_reached"
    MUNICIPALITY_DECISION = "municipality_decision"
    PROVIDER_WITHDRAWN = "provider_withdrawn"


class PauseReason(StrEnum):
    """Why nobody applies to a measure for the time being."""

    MUNICIPALITY_DECISION = "municipality_decision"
    PROVIDER_WITHDRAWN = "provider_withdrawn"
    #: The registration of its municipality, or of every provider it names, rests; it goes on by itself.
    REGISTRATION_SUSPENDED = "registration_suspended"


def municipality_check_digit(first_five: str) -> str:
    """The sixth digit of a 全国地方公共団体コード, from its first five."""
    total = sum(int(d) * w for d, w in zip(first_five, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def corporate_check_digit(last_twelve: str) -> str:
    """The first digit of a 法人番号, from its other twelve."""
    total = sum(int(d) * (1 + i % 2) for i, d in enumerate(reversed(last_twelve)))
    return str(9 - total % 9)


def _municipality_code(code: str) -> str:
    if municipality_check_digit(code[:5]) != code[5]:
        raise ValueError("municipality_code_check_digit")
    return code


def _corporate_number(number: str) -> str:
    if corporate_check_digit(number[1:]) != number[0]:
        raise ValueError("corporate_number_check_digit")
    return number


#: 全国地方公共団体コード, six ASCII digits, the last a check digit.
MunicipalityCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{6}$"), AfterValidator(_municipality_code)
]
#: 法人番号, thirteen ASCII digits, the first a check digit.
CorporateNumber = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{12}$"), AfterValidator(_corporate_number)
]
#: 01 Hokkaido … 47 Okinawa.
PrefectureCode = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|[1-3][0-9]|4[0-7])$")]
#: The Japanese fiscal year by its first calendar year: 2023 is 令和5年度 (April 2023 – March 2024).
FiscalYear = Annotated[int, Field(ge=2016, le=2100)]
#: A text only its addressee can open: a compact JWE (ECDH-ES, X25519) for the service that is named with the field.
Sealed = Annotated[str, StringConstraints(max_length=8192)]
