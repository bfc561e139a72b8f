"""The ways a rule says no. Anything else that is raised is a fault of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """What to mend in one field, named by its path (``contact.email``, ``services.0.code``)."""

    field: str
    code: str
    detail: str


class Refusal(Exception):
    """A request that is understood and not granted; it changed nothing.

    ``code`` is stable and kebab-case, for programs; ``detail`` is a Japanese sentence that says what to do.
    """

    status: ClassVar[int] = 400

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = retry_after


class Malformed(Refusal):
    """It cannot be read as what it claims to be."""

    status = 400


class Unauthenticated(Refusal):
    """Nobody knows who is asking."""

    status = 401


class Forbidden(Refusal):
    """The one who asks may not."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or not for the one who asks."""

    status = 404


class Conflict(Refusal):
    """The thing is in a state that does not allow it."""

    status = 409


class Gone(Refusal):
    """It was there and is no longer."""

    status = 410


class Stale(Refusal):
    """Somebody was faster: the version named is not the newest."""

    status = 412


class TooLarge(Refusal):
    """More than is taken in one piece."""

    status = 413


class WrongType(Refusal):
    """A kind of content that is not taken here."""

    status = 415


class Invalid(Refusal):
    """Understood, and some fields must be mended."""

    status = 422


class ConditionMissing(Refusal):
    """The request must say which version it saw (``If-Match``)."""

    status = 428


class TooMany(Refusal):
    """Too often; ``retry_after`` says in how many seconds again."""

    status = 429


class Unavailable(Refusal):
    """Not now; ``retry_after`` says when."""

    status = 503
