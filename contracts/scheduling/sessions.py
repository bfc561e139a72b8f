"""Sessions of the programme: briefings, working groups, the SDK subcommittee, events; and who takes part."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact
from contracts.values import FiscalYear


class SessionFact(Fact):
    """A fact about one session, with what everybody may know of it after it."""

    session_id: UUID
    #: ``briefing_municipality``, ``briefing_provider``, ``working_group``, ``sdk_subcommittee`` or ``event``.
    series: str
    #: The year under which it is listed, which the date alone does not decide.
    fiscal_year: FiscalYear
    #: 第n回, where the series counts.
    number: int | None = None
    title: str
    #: Who may take part: ``everyone``, ``municipality``, ``provider`` or ``members``.
    audience: str
    #: How exactly the date is known: ``time``, ``day``, ``month`` or ``range``.
    precision: str
    first_on: date
    last_on: date
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    place: str = ""
    online: bool = False
    capacity: int | None = None


class SessionPublished(SessionFact):
    """Everybody can read of it."""

    type: ClassVar[str] = "scheduling.session.published.v1"


class SessionChanged(SessionFact):
    """It is planned otherwise; ``changed`` names the fields, ``note`` says it in a sentence."""

    type: ClassVar[str] = "scheduling.session.changed.v1"
    changed: tuple[str, ...]
    note: str = ""


class SessionOpened(SessionFact):
    """Sign-up is open, for the first time or again because a place became free."""

    type: ClassVar[str] = "scheduling.session.opened.v1"


class SessionFilled(SessionFact):
    """Every place is taken; who signs up now waits."""

    type: ClassVar[str] = "scheduling.session.filled.v1"


class SessionClosed(SessionFact):
    """Nobody signs up any more."""

    type: ClassVar[str] = "scheduling.session.closed.v1"


class SessionHeld(SessionFact):
    """It took place; what was said about it stays as it is."""

    type: ClassVar[str] = "scheduling.session.held.v1"


class SessionArchived(SessionFact):
    """It is listed among old ones only."""

    type: ClassVar[str] = "scheduling.session.archived.v1"


class SessionCancelled(SessionFact):
    """It does not take place."""

    type: ClassVar[str] = "scheduling.session.cancelled.v1"
    note: str = ""


class SessionCorrected(SessionFact):
    """What was said of a session that is over was wrong; the correction stands beside it."""

    type: ClassVar[str] = "scheduling.session.corrected.v1"
    note: str


class SessionMaterialAdded(SessionFact):
    """A paper of the session is there, for everybody or for ``members``."""

    type: ClassVar[str] = "scheduling.session.material_added.v1"
    material_id: UUID
    material_title: str
    material_audience: str


class SignUpFact(SessionFact):
    """A fact about somebody's sign-up."""

    sign_up_id: UUID
    organisation_id: UUID
    member_id: UUID


class SessionSignedUp(SignUpFact):
    """Somebody signed up: ``seated``, or ``waiting`` at a place in the list."""

    type: ClassVar[str] = "scheduling.session.signed_up.v1"
    standing: str
    #: The place on the waiting list, from 1.
    place_in_line: int | None = None


class SessionSeatTaken(SignUpFact):
    """Somebody who waited has a seat now."""

    type: ClassVar[str] = "scheduling.session.seat_taken.v1"


class SessionReminded(SignUpFact):
    """It begins in a day: said once to each who has a seat."""

    type: ClassVar[str] = "scheduling.session.reminded.v1"


class SessionSignUpWithdrawn(SignUpFact):
    """Somebody does not come after all."""

    type: ClassVar[str] = "scheduling.session.sign_up_withdrawn.v1"
