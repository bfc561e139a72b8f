"""Sessions as people read them, and as they are typed."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.paging import Page
from chassis.web import Body
from contracts.values import FiscalYear
from services.scheduling.model.programme import Typed
from services.scheduling.model.session import Audience, Precision, Series, Session, State
from services.scheduling.store.sign_ups import SignUp

Instant = Annotated[AwareDatetime, Field(strict=False)]
Day = Annotated[date, Field(strict=False)]
Line = Annotated[str, StringConstraints(max_length=500)]
Word = Annotated[str, StringConstraints(max_length=40)]


class SessionView(BaseModel):
    """A session as everybody may read it."""

    id: UUID
    series: Series
    number: int | None
    fiscal_year: FiscalYear
    title: str
    summary: str
    audience: Audience
    precision: Precision
    first_on: date
    last_on: date
    starts_at: AwareDatetime | None
    ends_at: AwareDatetime | None
    place: str
    online: bool
    video: str
    capacity: int | None
    seated: int
    waiting: int
    #: Places left; null where nobody counts.
    free: int | None
    sign_up_from: AwareDatetime | None
    sign_up_until: AwareDatetime | None
    state: State
    state_since: AwareDatetime
    version: int

    @classmethod
    def of(cls, session: Session) -> "SessionView":
        """The view of a session."""
        return cls(**shown(session))


class MaterialView(BaseModel):
    """A paper; its address is told to those it is for."""

    id: UUID
    title: str
    audience: str
    address: str | None
    added_at: AwareDatetime


class CorrectionView(BaseModel):
    """What was wrong about a session that is over."""

    at: AwareDatetime
    note: str


class SessionDetail(SessionView):
    """A session with its papers and corrections."""

    materials: list[MaterialView]
    corrections: list[CorrectionView]


class PlannedSession(SessionDetail):
    """A session as those who plan it see it."""

    #: Where it takes place online.
    link: str


class SessionPage(Page[SessionView]):
    """A page of sessions."""


class SignUpView(BaseModel):
    """The own sign-up for a session."""

    id: UUID
    session_id: UUID
    title: str
    first_on: date
    starts_at: AwareDatetime | None
    #: ``seated``, ``waiting`` or ``withdrawn``.
    state: str
    #: The place on the waiting list, from 1.
    place_in_line: int | None
    signed_up_at: AwareDatetime
    #: The address of the online room; for those with a seat.
    link: str

    @classmethod
    def of(cls, found: SignUp, session: Session, place: int | None) -> "SignUpView":
        """The view of a sign-up."""
        plan = session.programme
        return cls(
            id=found.id,
            session_id=session.id,
            title=plan.title,
            first_on=plan.when.first_on,
            starts_at=plan.when.starts_at,
            state=found.state,
            place_in_line=place,
            signed_up_at=found.signed_up_at,
            link=plan.link if found.state == "seated" else "",
        )


class SessionBody(Body):
    """The whole programme of a session."""

    series: Word
    number: Annotated[int, Field(ge=1, le=999)] | None = None
    fiscal_year: FiscalYear
    title: Line
    summary: Annotated[str, StringConstraints(max_length=4000)] = ""
    audience: Word
    precision: Word
    first_on: Day
    last_on: Day | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    place: Line = ""
    link: Line = ""
    video: Line = ""
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    sign_up_from: Instant | None = None
    sign_up_until: Instant | None = None

    def typed(self) -> Typed:
        """What was typed."""
        return Typed(**{n: getattr(self, n) for n in SessionBody.model_fields})


class PlanningBody(SessionBody):
    """The whole programme as it is to be, and what changed in a sentence."""

    note: Annotated[str, StringConstraints(max_length=1000)] = ""


def shown(session: Session) -> dict[str, Any]:
    """The fields of a session by name."""
    plan, when = session.programme, session.programme.when
    same = ("series", "number", "fiscal_year", "title", "summary", "audience", "place", "video")
    more = ("capacity", "sign_up_from", "sign_up_until")
    own = ("id", "seated", "waiting", "free", "state", "state_since", "version")
    dates = ("precision", "first_on", "last_on", "starts_at", "ends_at")
    return {
        **{name: getattr(plan, name) for name in (*same, *more)},
        **{name: getattr(when, name) for name in dates},
        **{name: getattr(session, name) for name in own},
        "online": bool(plan.link),
    }
