"""What may be edited once people could apply, tried on residents the rules know nothing of."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.registry import (
    Amount,
    AmountStep,
    Eligibility,
    Evidence,
    MeasureEntry,
    ServiceInScope,
    Text,
    Texts,
)
from contracts.values import (
    ChangeAllowed,
    EntitlementUnit,
    EntryType,
    GrantType,
    OnExhaustion,
    Purpose,
    ReviewMethod,
)
from services.registry.model.measure.changes import changed_fields, changes
from services.registry.model.measure.edition import against_applicants

OPENS = datetime(2023, 9, 10, 15, tzinfo=UTC)
SERVICES = [UUID(int=n) for n in range(1, 5)]
AREAS = ("172031", "172014", "282103", "17", "28")


@dataclass(frozen=True)
class Resident:
    """Somebody who applied on a day, with what they brought and the service they chose."""

    area: str
    born: date
    applied_at: datetime
    listed: bool
    attended: bool
    papers: frozenset[str]
    agreed: frozenset[str]
    children: int
    service: UUID
    spent: int


def may_receive(entry: MeasureEntry, who: Resident) -> bool:
    """The rule, read once more and by itself."""
    rule = entry.eligibility
    on = rule.years_on or who.applied_at.date()
    years = on.year - who.born.year - ((on.month, on.day) < (who.born.month, who.born.day))
    return all(
        (
            not rule.areas or who.area in rule.areas or who.area[:2] in rule.areas,
            rule.born_from is None or who.born >= rule.born_from,
            rule.born_until is None or who.born <= rule.born_until,
            rule.years_from is None or years >= rule.years_from,
            rule.years_until is None or years <= rule.years_until,
            who.listed or not rule.target_list,
            who.attended or not rule.attendance,
            {e.code for e in rule.evidence if e.needed} <= who.papers,
            set(rule.statements) <= who.agreed,
            entry.apply_from <= who.applied_at < entry.apply_until,
            who.service in {s.payment_service_id for s in entry.services},
        )
    )


def worth(entry: MeasureEntry, who: Resident) -> int:
    """What it comes to for somebody, counted once more and by itself."""
    amount = entry.amount
    if amount.rate_percent is not None:
        yen = who.spent * amount.rate_percent // 100
        caps = [amount.cap_per_transaction_yen, amount.cap_per_entitlement_yen]
        return min([yen, *(c for c in caps if c is not None)])
    steps = [s.amount_yen for s in amount.steps if s.children_from <= who.children]
    return steps[-1] if steps else amount.amount_yen or 0


def fitting(entry: MeasureEntry, who: Resident) -> Resident:
    """Somebody like this who brings what was asked for and lives where it counts."""
    places = {"17": "172014", "28": "282103"}
    area = next((places.get(a, a) for a in entry.eligibility.areas), who.area)
    return replace(
        who,
        area=area,
        listed=True,
        attended=True,
        papers=frozenset("ab"),
        agreed=frozenset("xy"),
        applied_at=min(who.applied_at, entry.apply_until - timedelta(hours=1)),
        service=entry.services[0].payment_service_id,
    )


yen = st.integers(1, 20).map(lambda n: n * 500)
maybe_day = st.none() | st.dates(date(2000, 1, 1), date(2023, 9, 1))
steps = st.dictionaries(st.integers(2, 5), yen, max_size=3).flatmap(
    lambda rest: yen.map(
        lambda first: tuple(
            AmountStep(children_from=n, amount_yen=y) for n, y in sorted({1: first, **rest}.items())
        )
    )
)
amounts = st.one_of(
    yen.map(lambda y: Amount(grant_type=GrantType.FIXED, amount_yen=y)),
    steps.map(lambda s: Amount(grant_type=GrantType.FIXED, steps=s)),
    st.builds(
        Amount,
        grant_type=st.sampled_from([GrantType.PURCHASE_RATE, GrantType.CHARGE_RATE]),
        rate_percent=st.integers(1, 100),
        cap_per_entitlement_yen=yen,
        cap_per_transaction_yen=st.none() | yen,
    ),
)
rules = st.builds(
    Eligibility,
    areas=st.sets(st.sampled_from(AREAS), max_size=2).map(lambda s: tuple(sorted(s))),
    born_from=maybe_day,
    born_until=maybe_day,
    years_from=st.none() | st.integers(0, 20),
    years_until=st.none() | st.integers(0, 20),
    years_on=st.none() | st.just(date(2023, 4, 1)),
    target_list=st.booleans(),
    attendance=st.booleans(),
    evidence=st.sets(st.sampled_from("ab"), max_size=2).map(
        lambda s: tuple(Evidence(code=c, label=c) for c in sorted(s))
    ),
    statements=st.sets(st.sampled_from("xy"), max_size=1).map(lambda s: tuple(sorted(s))),
)


def scope(ids: set[UUID]) -> tuple[ServiceInScope, ...]:
    return tuple(
        ServiceInScope(
            payment_service_id=i, code=str(i.int), name=str(i.int), provider_id=i,
            provider_name="x", match_id=i,
        )
        for i in sorted(ids)
    )  # fmt: skip


entries = st.builds(
    MeasureEntry,
    municipality_id=st.just(UUID(int=9)),
    municipality_code=st.just("172031"),
    municipality_name=st.just("小松市"),
    prefecture_code=st.just("17"),
    fiscal_year=st.just(2023),
    version=st.just(1),
    purpose=st.sampled_from(Purpose),
    entry_type=st.just(EntryType.POINT_APPLICATION),
    review_method=st.just(ReviewMethod.AUTOMATIC),
    unit=st.just(EntitlementUnit.CHILD),
    times=st.integers(1, 3),
    amount=amounts,
    eligibility=rules,
    apply_from=st.just(OPENS),
    apply_until=st.integers(1, 60).map(lambda n: OPENS + timedelta(days=n)),
    allocate_by=st.integers(61, 90).map(lambda n: (OPENS + timedelta(days=n)).date()),
    budget_yen=st.integers(1, 3).map(lambda n: n * 1_000_000),
    quota=st.none() | st.integers(1, 5),
    on_exhaustion=st.just(OnExhaustion.CLOSE),
    services=st.sets(st.sampled_from(SERVICES), min_size=1).map(scope),
    change_allowed=st.sampled_from(ChangeAllowed),
    withdrawal_allowed=st.booleans(),
    texts=st.just(Texts(ja=Text(title="a", summary="b"), easy=Text(title="a", summary="b"))),
)
residents = st.builds(
    Resident,
    area=st.sampled_from(("172031", "172014", "282103", "131016")),
    born=st.dates(date(2000, 1, 1), date(2023, 9, 1)),
    applied_at=st.integers(0, 60 * 24).map(lambda n: OPENS + timedelta(hours=n)),
    listed=st.booleans(),
    attended=st.booleans(),
    papers=st.frozensets(st.sampled_from("ab")),
    agreed=st.frozensets(st.sampled_from("xy")),
    children=st.integers(1, 6),
    service=st.sampled_from(SERVICES),
    spent=st.integers(0, 100_000),
)
PARTS = ("amount", "eligibility", "apply_until", "allocate_by", "budget_yen", "quota", "services")


@settings(max_examples=150, deadline=None)
@given(entries, entries, st.sets(st.sampled_from(PARTS), min_size=1, max_size=2), residents)
def test_no_edit_that_is_let_through_is_worse_for_somebody_who_applied(
    before: MeasureEntry, other: MeasureEntry, parts: set[str], who: Resident
) -> None:
    after = before.model_copy(update={name: getattr(other, name) for name in parts})
    who = fitting(before, who)
    assume(may_receive(before, who))
    if not against_applicants(before, after):
        assert may_receive(after, who)
        assert worth(after, who) >= worth(before, who)
        assert after.allocate_by >= before.allocate_by
        assert after.budget_yen >= before.budget_yen


@settings(max_examples=60, deadline=None)
@given(entries, entries)
def test_a_difference_is_shown_exactly_where_something_is_different(
    before: MeasureEntry, after: MeasureEntry
) -> None:
    assert bool(changes(before, after)) == bool(changed_fields(before, after))
    assert changes(before, before) == []
    assert all(c.label and c.label != c.field for c in changes(before, after))


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"apply_until": OPENS + timedelta(days=29)}, "dates.apply_until_on", "only_later"),
        ({"allocate_by": date(2023, 11, 1)}, "dates.allocate_by", "only_later"),
        ({"take_part_until": date(2023, 11, 1)}, "dates.take_part_until", "only_later"),
        ({"budget_yen": 1}, "amount.budget_yen", "only_more"),
        ({"quota": 1}, "amount.quota", "only_more"),
        ({"times": 1}, "who.times", "only_more"),
        ({"unit": EntitlementUnit.PERSON}, "who.unit", "fixed_once_open"),
        ({"apply_from": OPENS - timedelta(days=1)}, "dates.apply_from_on", "fixed_once_open"),
        ({"review_method": ReviewMethod.POST}, "review.review_method", "fixed_once_open"),
        ({"withdrawal_allowed": False}, "review.withdrawal_allowed", "only_wider"),
        ({"change_allowed": ChangeAllowed.NEVER}, "review.change_allowed", "only_wider"),
        ({"services": scope({SERVICES[1]})}, "services", "only_added"),
    ],
)
def test_an_edit_against_somebody_who_applied_is_named_by_its_field(
    change: dict[str, object], field: str, code: str
) -> None:
    before = MeasureEntry(
        municipality_id=UUID(int=9), municipality_code="172031", municipality_name="小松市",
        fiscal_year=2023, version=1, purpose=Purpose.HEALTH,
        entry_type=EntryType.POINT_APPLICATION, review_method=ReviewMethod.AUTOMATIC,
        unit=EntitlementUnit.CHILD, times=2,
        amount=Amount(grant_type=GrantType.FIXED, amount_yen=3000),
        eligibility=Eligibility(), apply_from=OPENS, apply_until=OPENS + timedelta(days=30),
        allocate_by=date(2023, 12, 1), budget_yen=10_000, services=scope({SERVICES[0]}),
        texts=Texts(ja=Text(title="a", summary="b"), easy=Text(title="a", summary="b")),
    )  # fmt: skip
    errors = against_applicants(before, before.model_copy(update=change))
    assert (field, code) in {(e.field, e.code) for e in errors}
    assert against_applicants(before, before) == []
