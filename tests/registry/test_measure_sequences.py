"""Whatever is done in whatever order: nothing opens without cover, nothing turns against who applied."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import now
from chassis.database import Connection, connection_of, open_pool
from chassis.outbox import flush
from chassis.refusal import Refusal
from contracts.registry import MeasureEntry
from contracts.values import CloseReason
from deploy.local.postgres import PostgreSQL
from services.registry.commands import measure_course, measure_drafts, measure_review
from services.registry.commands.measure_record import Acting
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.measure import Measure
from services.registry.store import measures
from tests.registry.acts import registered, registered_municipality
from tests.registry.asking import Desk
from tests.registry.covering import Carried, carry, drop
from tests.registry.forms import provider_form, service_form
from tests.registry.measuring import measure_form, year_of

Inspect = Callable[[], Awaitable[None]]
CODES = ("nagisa-money", "nagisa-pay")
COVERED = """
SELECT EXISTS (
    SELECT FROM measures m
     CROSS JOIN jsonb_array_elements(m.entry->'services') s
      JOIN contracts c ON c.match_id = (s->>'match_id')::uuid AND c.state = 'concluded'
      JOIN match_services ms ON ms.match_id = c.match_id AND ms.payment_service_id = (s->>'payment_service_id')::uuid
     WHERE m.id = $1 AND m.entry->'amount'->>'grant_type' = ANY (ms.grant_types))
"""

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
    st.tuples(st.just("through"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


@dataclass
class Play:
    """One measure, everybody who does something to it, and those who applied."""

    conn: Connection
    municipality_id: UUID
    measure_id: UUID
    at: datetime
    year: int
    match: Carried | None = None
    #: Services whose contract ended at some time.
    lost: set[UUID] = field(default_factory=set)
    #: What each who applied read, and the service they chose.
    applied: list[tuple[MeasureEntry, UUID]] = field(default_factory=list)

    def by(self, who: str) -> Acting:
        side = "secretariat" if who == "jimu" else "municipality"
        return Acting(f"member/{who}", side, self.at)

    async def do(self, act: str, more: Any) -> None:
        """One act, refused or not."""
        try:
            async with self.conn.transaction():
                await getattr(self, f"_{act}", self._course)(act, more)
        except Refusal:
            pass

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

    async def _through(self, *_: Any) -> None:
        for act in ("submit", "approve", "confirm"):
            await self._course(act, None)

    async def _wait(self, _: str, days: int) -> None:
        self.at += timedelta(days=days)
        await measure_course.take_due(self.conn, self.measure_id, self.at)

    async def _apply(self, *_: Any) -> None:
        found = await self.measure()
        if found.state == "open" and found.entry:
            self.applied.append((found.entry, found.entry.services[0].payment_service_id))

    async def _carry(self, *_: Any) -> None:
        if self.match is None:
            self.match = await carry(
                self.conn, self.municipality_id, CODES[0], year=self.year, also=CODES[1:]
            )

    async def _drop(self, *_: Any) -> None:
        if self.match is not None:
            rows = await self.conn.fetch("SELECT payment_service_id FROM cover")
            self.lost |= {row["payment_service_id"] for row in rows}
            await drop(self.conn, self.match)
            self.match = None

    async def measure(self) -> Measure:
        return await measures.measure(self.conn, self.measure_id)

    async def judge(self) -> None:
        """What must be true after every act."""
        found = await self.measure()
        if found.state == "open":
            assert await self.conn.fetchval(COVERED, self.measure_id), "open without cover"
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
async def ready(desk: Desk, postgres: PostgreSQL, inspected: Inspect) -> tuple[str, UUID]:
    """A database with 小松市 and a provider of two services, and no contract."""
    form = provider_form()
    form["services"].append(service_form(code=CODES[1], name="なぎさペイ", kind="qr"))
    await registered(desk, form, inspected)
    municipality = await registered_municipality(desk, inspected)
    assert municipality.organisation_id
    name = await desk.pool.fetchval("SELECT current_database()")
    return postgres.url(name, "registry_app"), municipality.organisation_id


async def _play(url: str, municipality_id: UUID, story: list[tuple[str, Any]]) -> None:
    async with open_pool(url, size=1, name="tests") as pool, connection_of(pool) as conn:
        conn.forget()
        everything = conn.transaction()
        await everything.start()
        form = measure_form()
        at = now().astimezone(UTC)
        begun = await measure_drafts.begin(
            conn,
            municipality_id,
            dict(MeasureForm.model_validate(form)),
            Acting("member/a", "municipality", at),
        )
        play = Play(conn, municipality_id, begun.id, at, year_of(form))
        await play.do("carry", None)
        for act, more in story:
            await play.do(act, more)
            await play.judge()
        # Every revision has its predecessor, or this refuses.
        await flush(conn)
        await everything.rollback()


def test_no_sequence_opens_without_cover_or_turns_against_who_applied(
    ready: tuple[str, UUID],
) -> None:
    with asyncio.Runner() as runner:

        @settings(
            max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.lists(acts, min_size=4, max_size=16))
        def played(story: list[tuple[str, Any]]) -> None:
            opened = [("through", None), ("wait", 12), ("apply", None)]
            runner.run(_play(*ready, opened + story))
            runner.run(_play(*ready, story))

        played()
