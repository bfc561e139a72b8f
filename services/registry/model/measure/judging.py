"""Judges the form of a measure into the entry everybody will read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.refusal import FieldError, Invalid
from contracts.registry import MeasureEntry, ServiceInScope
from contracts.values import EntryType, GrantType, Purpose
from services.registry.model import reading
from services.registry.model.findings import Findings
from services.registry.model.measure.amounts import Money, money
from services.registry.model.measure.dates import Dates, Typed, dates, ends
from services.registry.model.measure.eligibility import agree, eligibility, review, who
from services.registry.model.measure.form import BasicsSection, MeasureForm, ServiceFields
from services.registry.model.measure.words import desks, papers, texts


@dataclass(frozen=True, slots=True)
class Municipality:
    """Whose measure it is, as the register knows it."""

    id: UUID
    code: str
    name: str
    prefecture_code: str | None


@dataclass(frozen=True, slots=True)
class Covered:
    """A payment service a contract in force carries for a municipality in a fiscal year."""

    payment_service_id: UUID
    code: str
    name: str
    provider_id: UUID
    provider_name: str
    match_id: UUID
    fiscal_year: int
    grant_types: frozenset[GrantType]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the form of a measure is judged against besides itself."""

    measure_id: UUID
    municipality: Municipality
    #: By the service's code.
    covered: Mapping[str, Covered]
    #: Municipality codes that exist, of those that were typed.
    areas: Collection[str]
    #: Codes of services that stand in the register, of those that were typed.
    known_services: Collection[str]
    #: Of the version the form would become.
    number: int
    now: datetime


def fiscal_year_of(form: MeasureForm) -> int | None:
    """The fiscal year that was typed, if it is one."""
    typed = reading.plain(form.basics.fiscal_year)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else None


def judged(form: MeasureForm, around: Surroundings) -> tuple[MeasureEntry | None, list[FieldError]]:
    """The entry, or None and what must be mended first."""
    found = Findings()
    basics = _basics(form.basics, found.within("basics"))
    person = who(form.who, found.within("who"))
    worth = money(form.amount, found.within("amount"))
    year = fiscal_year_of(form)
    today = day_of(around.now)
    times = dates(form.dates, found.within("dates"), year=year, today=today)
    rule = eligibility(form.who, form.review, found, known_areas=around.areas)
    shown = review(form.review, found.within("review"), measure_id=around.measure_id)
    if basics and shown:
        agree(rule, shown, basics[2], found)
    services = _services(form, found, around, worth, times)
    said = texts(form.texts, found.within("texts"))
    beside = found.within("documents")
    documents, helping = papers(form.documents, beside), desks(form.documents, beside)
    if found.errors or not (basics and person and worth and times and shown):
        return None, found.errors
    entry = MeasureEntry(
        municipality_id=around.municipality.id,
        municipality_code=around.municipality.code,
        municipality_name=around.municipality.name,
        prefecture_code=around.municipality.prefecture_code,
        fiscal_year=basics[0],
        version=around.number,
        purpose=basics[1],
        entry_type=basics[2],
        eligibility=rule,
        services=services,
        texts=said,
        desks=helping,
        papers=documents,
        **person,
        **worth,
        **times,
        **shown,
    )
    return entry, []


def checked(form: MeasureForm, around: Surroundings) -> MeasureEntry:
    """The entry a form amounts to; refused with every field that must be mended."""
    entry, errors = judged(form, around)
    if entry is None:
        detail = f"入力を直してください（{len(errors)}か所）。"
        raise Invalid("measure-incomplete", detail, errors=errors)
    return entry


def _basics(section: BasicsSection, found: Findings) -> tuple[int, Purpose, EntryType] | None:
    year = found.amount(
        "fiscal_year", section.fiscal_year, "年度", most=2100, least=2016, needed=True
    )
    purpose = found.choice("purpose", section.purpose, "目的", Purpose)
    entry_type = found.choice("entry_type", section.entry_type, "申込みの型", EntryType)
    return (year, purpose, entry_type) if year and purpose and entry_type else None


def _services(
    form: MeasureForm,
    found: Findings,
    around: Surroundings,
    worth: Money | None,
    times: Dates | None,
) -> tuple[ServiceInScope, ...]:
    if not form.services:
        detail = "受け取れる決済サービスを1つ以上選んでください。"
        found.wrong("services", "missing", detail)
    chosen: dict[str, ServiceInScope] = {}
    for index, typed in enumerate(form.services):
        line = found.within(f"services.{index}")
        code = reading.plain(typed.code)
        service = _covered(code, line, around, worth)
        if code in chosen:
            line.wrong("code", "code_twice", "同じ決済サービスが2回あります。1つにしてください。")
        if service:
            chosen[code] = _in_scope(typed, service, line, times)
    return tuple(chosen.values())


def _covered(
    code: str, found: Findings, around: Surroundings, worth: Money | None
) -> Covered | None:
    service = around.covered.get(code)
    if not code:
        found.missing("code", "決済サービスのコード")
    elif service is None and code not in around.known_services:
        detail = "この決済サービスは登録簿にありません。コードを確かめてください。"
        found.wrong("code", "service_unknown", detail)
    elif service is None:
        detail = (
            "この決済サービスとの、その年度の契約がありません。契約を結んでから選んでください。"
        )
        found.wrong("code", "service_not_covered", detail)
    elif worth and worth["amount"].grant_type not in service.grant_types:
        detail = "この決済サービスとの契約は、この付与のしかたに対応していません。"
        found.wrong("code", "grant_type_not_covered", detail)
    return service


def _in_scope(
    typed: ServiceFields, service: Covered, found: Findings, times: Dates | None
) -> ServiceInScope:
    cut_off = None
    if typed.apply_until_on.strip() or typed.apply_until_time.strip():
        when = Typed("apply_until", typed.apply_until_on, typed.apply_until_time, "独自の締切")
        cut_off = ends(when, found)
    if cut_off and times and not times["apply_from"] < cut_off <= times["apply_until"]:
        detail = "決済サービス独自の締切は、申込みの期間の中にしてください。"
        found.wrong("apply_until_on", "outside_period", detail)
    return ServiceInScope(
        payment_service_id=service.payment_service_id,
        code=service.code,
        name=service.name,
        provider_id=service.provider_id,
        provider_name=service.provider_name,
        match_id=service.match_id,
        apply_until=cut_off,
        note=found.text("note", typed.note, "注意", longest=200, needed=False),
    )
