"""Whatever is done in whatever order: nothing opens without cover, nothing turns against who applied."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import day_of, now
from chassis.database import Connection, connection_of, open_pool
from chassis.outbox import flush
from chassis.refusal import Refusal
from contracts.principal import Principal
from contracts.registry import MeasureEntry
from contracts.values import CloseReason, OrganisationKind
from deploy.local.postgres import PostgreSQL
from services.registry.commands import (
    leaving,
    measure_course,
    measure_drafts,
    measure_review,
    standing,
)
from services.registry.commands.measure_cover import look_again
from services.registry.commands.measure_record import Acting
from services.registry.commands.review import Reviewer
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.measure import Measure
from services.registry.store import cover, leavers, measures
from tests.registry.acts import registered, registered_municipality
from tests.registry.asking import Desk
from tests.registry.covering import Carried, carry, drop
from tests.registry.forms import provider_form, service_form
from tests.registry.measuring import measure_form, year_of
from tests.rig.paperwork import corporate_number

Inspect = Callable[[], Awaitable[None]]
#: Two of one provider, one of another.
CODES = ("nagisa-money", "nagisa-pay", "seto-pay")
#: Who offers the services of a measure that a contract in force is there for.
COVERED = """
SELECT DISTINCT k.provider_id
  FROM measures m
 CROSS JOIN jsonb_array_elements(m.entry->'services') s
  JOIN contracts c ON c.match_id = (s->>'match_id')::uuid AND c.state = 'concluded'
  JOIN matches k ON k.id = c.match_id
  JOIN match_services ms ON ms.match_id = c.match_id AND ms.payment_service_id = (s->>'payment_service_id')::uuid
 WHERE m.id = $1 AND m.entry->'amount'->>'grant_type' = ANY (ms.grant_types)
"""

_CLERK = Principal(
    kind="member",
    subject="clerk",
    organisation_id=None,
    organisation_kind=OrganisationKind.SECRETARIAT,
    roles=frozenset(),
)

typed = st.one_of(
    st.integers(1, 6).map(lambda n: ("amount", {"amount_yen": str(n * 1000)})),
    st.integers(15, 21).map(lambda n: ("who", {"years_until": str(n)})),
    st.sampled_from(([], ["172031"], ["17"], ["28"])).map(lambda a: ("who", {"areas": a})),
    st.sampled_from(("1000000", "54000000")).map(lambda y: ("amount", {"budget_yen": y})),
    st.sets(st.sampled_from(CODES), min_size=1).map(
        lambda codes: ("services", [{"code": c} for c in sorted(codes)])
    ),
    st.integers(0, 3).map(lambda n: ("dates", {"apply_until_time": f"{20 - n}:00"})),
)
stands = st.tuples(
    st.sampled_from(("suspend", "suspend", "lift", "leave")),
    st.tuples(st.sampled_from(("town", "nagisa", "seto")), st.integers(0, 2)),
)
acts = st.one_of(
    st.tuples(st.just("type"), typed),
    st.tuples(
        st.sampled_from(
            (
                *("submit", "approve", "confirm", "edit", "discard", "pause", "resume", "close"),
                *("cancel", "complete", "return", "object", "apply", "carry", "drop"),
            )
        ),
        st.none(),
    ),
    stands,
    stands,
    st.tuples(st.just("through"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


@dataclass
class Play:
    """One measure, everybody who does something to it, and those who applied."""

    conn: Connection
    sides: dict[str, UUID]
    measure_id: UUID
    at: datetime
    year: int
    matches: list[Carried] = field(default_factory=list)
    #: From which day on who stands in the register, or does not; a later line counts before an earlier one.
    stands: list[tuple[date, UUID, bool]] = field(default_factory=list)
    #: Services whose contract or provider was gone at some time.
    lost: set[UUID] = field(default_factory=set)
    #: What each who applied read, and the service they chose.
    applied: list[tuple[MeasureEntry, UUID]] = field(default_factory=list)

    @property
    def municipality_id(self) -> UUID:
        return self.sides["town"]

    def by(self, who: str) -> Acting:
        side = "secretariat" if who == "jimu" else "municipality"
        return Acting(f"member/{who}", side, self.at)

    async def do(self, act: str, more: Any) -> None:
        """One act, or the whole way into public, refused or not."""
        for one in ("submit", "approve", "confirm") if act == "through" else (act,):
            with suppress(Refusal):
                async with self.conn.transaction():
                    await getattr(self, f"_{one}", self._course)(one, more)

    async def _type(self, _: str, more: tuple[str, Any]) -> None:
        found = await self.measure()
        section, fields = more
        whole = found.form.model_dump()
        whole[section] = {**whole[section], **fields} if isinstance(fields, dict) else fields
        form = MeasureForm.model_validate(whole)
        sections = {section: getattr(form, section)}
        await measure_drafts.save_draft(
            self.conn, self.municipality_id, self.measure_id, sections, self.by("a")
        )

    async def _course(self, act: str, _: Any) -> None:
        conn, own, measure_id, a = self.conn, self.municipality_id, self.measure_id, self.by("a")
        b, jimu = self.by("b"), self.by("jimu")
        course, review, drafts = measure_course, measure_review, measure_drafts
        does: dict[str, Callable[[], Awaitable[object]]] = {
            "submit": lambda: drafts.submit(conn, own, measure_id, a),
            "approve": lambda: review.approve(conn, own, measure_id, b),
            "confirm": lambda: review.confirm(conn, measure_id, jimu),
            "return": lambda: review.give_back(conn, own, measure_id, b, message="x"),
            "object": lambda: review.object_to(conn, measure_id, jimu, message="x"),
            "edit": lambda: drafts.edit(conn, own, measure_id, a),
            "discard": lambda: drafts.discard(conn, own, measure_id, a),
            "pause": lambda: course.pause(conn, own, measure_id, a, message="x"),
            "resume": lambda: course.resume(conn, own, measure_id, a),
            "close": lambda: course.close(
                conn, own, measure_id, a, reason=CloseReason.QUOTA_REACHED, message=""
            ),
            "cancel": lambda: course.cancel(conn, own, measure_id, a, reason="x"),
            "complete": lambda: course.complete(conn, own, measure_id, a),
        }
        await does[act]()

    async def _wait(self, _: str, days: int) -> None:
        self.at += timedelta(days=days)
        await measure_course.take_due(self.conn, self.measure_id, self.at)

    async def _suspend(self, _: str, more: tuple[str, int]) -> None:
        await self._stand(standing.suspend, more, there=False)

    async def _lift(self, _: str, more: tuple[str, int]) -> None:
        await self._stand(standing.resume, more, there=True)

    async def _leave(self, _: str, more: tuple[str, int]) -> None:
        await self._stand(standing.leave, more, there=False)
        rows = await self.conn.fetch("SELECT id FROM payment_services WHERE state = 'ended'")
        self.lost |= {row["id"] for row in rows}

    async def _stand(self, act: Any, more: tuple[str, int], *, there: bool) -> None:
        whose, on = self.sides[more[0]], day_of(self.at) + timedelta(days=more[1])
        clerk = Reviewer(_CLERK, None, day_of(self.at), self.at)
        await act(self.conn, whose, clerk, effective_on=on, reason="x")
        self.stands.append((on, whose, there))

    async def keep(self) -> None:
        """What the jobs find to do, until they find nothing."""
        conn, today = self.conn, day_of(self.at)
        for match_id in await leavers.matches_left(conn, today, self.at, 9):
            assert await leaving.end_left(conn, match_id, today, self.at)
        for municipality_id in await cover.without_cover(conn, today, 9):
            assert await look_again(conn, municipality_id, self.at)
        for measure_id in await cover.carried_again(conn, today, self.at, 9):
            assert await measure_course.resume_itself(conn, measure_id, self.at)
        assert not await cover.without_cover(conn, today, 9)
        assert not await cover.carried_again(conn, today, self.at, 9)

    async def _apply(self, *_: Any) -> None:
        found = await self.measure()
        if found.state == "open" and found.entry:
            self.applied.append((found.entry, found.entry.services[0].payment_service_id))

    async def _carry(self, *_: Any) -> None:
        if not self.matches:
            for first, *also in (CODES[:2], CODES[2:]):
                carried = await carry(
                    self.conn, self.municipality_id, first, year=self.year, also=tuple(also)
                )
                self.matches.append(carried)

    async def _drop(self, *_: Any) -> None:
        for carried in self.matches:
            rows = await self.conn.fetch("SELECT payment_service_id FROM contract_cover")
            self.lost |= {row["payment_service_id"] for row in rows}
            await drop(self.conn, carried, at=self.at)
        self.matches = []

    async def measure(self) -> Measure:
        return await measures.measure(self.conn, self.measure_id)

    def is_there(self, whose: UUID) -> bool:
        """Whether an organisation stands in the register on the day of the play."""
        said = [there for on, who, there in self.stands if who == whose and on <= day_of(self.at)]
        return said[-1] if said else True

    async def judge(self) -> None:
        """What must be true after every act."""
        found = await self.measure()
        if found.state == "open":
            offers = {row[0] for row in await self.conn.fetch(COVERED, self.measure_id)}
            assert any(self.is_there(by) for by in offers), "open without cover"
            assert self.is_there(self.municipality_id), "open though its municipality is away"
        assert found.approved_by is None or found.approved_by not in found.drafted_by
        for read, service in self.applied:
            _no_worse(read, found.entry, service, self.lost)


def _no_worse(
    read: MeasureEntry, became: MeasureEntry | None, service: UUID, lost: set[UUID]
) -> None:
    assert became is not None
    assert (became.amount.amount_yen or 0) >= (read.amount.amount_yen or 0)
    assert became.apply_until >= read.apply_until and became.allocate_by >= read.allocate_by
    assert became.budget_yen >= read.budget_yen
    assert (became.eligibility.years_until or 99) >= (read.eligibility.years_until or 99)
    for home in ("172031", "282103", "131016"):
        assert _lives_there(home, became) or not _lives_there(home, read)
    assert service in {s.payment_service_id for s in became.services} | lost


def _lives_there(home: str, entry: MeasureEntry) -> bool:
    areas = entry.eligibility.areas
    return not areas or home in areas or home[:2] in areas


@pytest.fixture
async def ready(
    desk: Desk, postgres: PostgreSQL, inspected: Inspect
) -> tuple[str, dict[str, UUID]]:
    """A database with 小松市, a provider of two services and one of a third, and no contract."""
    nagisa, seto = provider_form(), provider_form()
    nagisa["services"].append(service_form(code=CODES[1], name="なぎさペイ", kind="qr"))
    seto["organisation"] |= {"corporate_number": corporate_number(), "name": "せと決済"}
    seto["services"] = [service_form(code=CODES[2], name="せとペイ", kind="qr")]
    sides = {
        "nagisa": await registered(desk, nagisa, inspected),
        "seto": await registered(desk, seto, inspected),
        "town": await registered_municipality(desk, inspected),
    }
    name = await desk.pool.fetchval("SELECT current_database()")
    ids = {who: asker.organisation_id for who, asker in sides.items()}
    return postgres.url(name, "registry_app"), {who: own for who, own in ids.items() if own}


async def _play(
    url: str, sides: dict[str, UUID], codes: tuple[str, ...], story: list[tuple[str, Any]]
) -> None:
    async with open_pool(url, size=1, name="tests") as pool, connection_of(pool) as conn:
        conn.forget()
        everything = conn.transaction()
        await everything.start()
        form = measure_form(services=[{"code": code} for code in codes])  # type: ignore[arg-type]
        at = now().astimezone(UTC)
        begun = await measure_drafts.begin(
            conn,
            sides["town"],
            dict(MeasureForm.model_validate(form)),
            Acting("member/a", "municipality", at),
        )
        play = Play(conn, sides, begun.id, at, year_of(form))
        await play.do("carry", None)
        for act, more in story:
            await play.do(act, more)
            await play.keep()
            await play.judge()
        # Every revision has its predecessor, or this refuses.
        await flush(conn)
        await everything.rollback()


def test_no_sequence_opens_without_cover_or_turns_against_who_applied(
    ready: tuple[str, dict[str, UUID]],
) -> None:
    with asyncio.Runner() as runner:

        @settings(
            max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(
            st.sampled_from((CODES, CODES[:1], CODES[2:])),
            st.lists(acts, min_size=4, max_size=16),
        )
        def played(codes: tuple[str, ...], story: list[tuple[str, Any]]) -> None:
            opened = [("through", None), ("wait", 12), ("apply", None)]
            runner.run(_play(*ready, codes, opened + story))
            runner.run(_play(*ready, codes, story))

        played()
