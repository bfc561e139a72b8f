"""Judges the form of a municipality (自治体等)."""

from collections.abc import Mapping
from datetime import date

from contracts.values import MunicipalityKind, PaymentServiceKind
from services.registry.model import codes, reading
from services.registry.model.application import MunicipalityApplication
from services.registry.model.codes import DirectoryEntry
from services.registry.model.findings import Findings
from services.registry.model.form import OrganisationSection, PlanSection, RegistrationForm
from services.registry.model.shared_form import SharedFields, shared_fields

Directory = Mapping[str, DirectoryEntry]


def municipality_application(
    form: RegistrationForm, found: Findings, *, directory: Directory, guideline: str, today: date
) -> MunicipalityApplication | None:
    """The application, if nothing had to be noted."""
    before = len(found.errors)
    shared = shared_fields(form, found, guideline=guideline)
    fields = found.within("organisation")
    kind = fields.choice(
        "municipality_kind", form.organisation.municipality_kind, "団体の種類", MunicipalityKind
    )
    code = _code(form.organisation, fields, kind, directory)
    constituents = _constituents(form.organisation, fields, kind, directory)
    head = fields.text("head_title", form.organisation.head_title, "契約者の役職", longest=50)
    approved = fields.day(
        "budget_approved_on", form.organisation.budget_approved_on, "議決日", until=today
    )
    plan = _plan(form.plan, found.within("plan"))
    if len(found.errors) > before or kind is None:
        return None
    entry = directory.get(code)
    return MunicipalityApplication(
        **_kept(shared),
        **plan,
        code=code,
        municipality_kind=kind,
        prefecture_code=entry.prefecture_code if entry else _prefecture(code, constituents),
        constituents=constituents,
        head_title=head,
        budget_approved_on=approved,
    )


def _kept(shared: SharedFields) -> dict[str, object]:
    return {k: v for k, v in shared.items() if k != "technical_contact"}


def _code(
    section: OrganisationSection,
    found: Findings,
    kind: MunicipalityKind | None,
    directory: Directory,
) -> str:
    code = codes.body_code(found, "code", section.code, kind)
    if code and kind is not None:
        codes.in_directory(found, code, kind, directory.get(code))
    return code


def _constituents(
    section: OrganisationSection,
    found: Findings,
    kind: MunicipalityKind | None,
    directory: Directory,
) -> tuple[str, ...]:
    if kind is not MunicipalityKind.CONSORTIUM:
        return ()
    typed = [reading.digits(c) for c in section.constituents if c.strip()]
    if len(set(typed)) < 2:
        found.wrong("constituents", "too_few", "構成する団体のコードを2つ以上入れてください。")
    for index, code in enumerate(typed):
        if code not in directory:
            detail = "構成する団体のコードが見つかりません。6けたの団体コードを確かめてください。"
            found.wrong(f"constituents.{index}", "municipality_code_unknown", detail)
    return tuple(sorted(set(typed)))


def _prefecture(code: str, constituents: tuple[str, ...]) -> str | None:
    """Where a body without area of its own stands in the list: where its code or all its members do."""
    if len(code) == 6 and "01" <= code[:2] <= "47":
        return code[:2]
    prefectures = {c[:2] for c in constituents}
    return prefectures.pop() if len(prefectures) == 1 else None


def _plan(section: PlanSection, found: Findings) -> dict[str, object]:
    return {
        "measures_summary": found.text(
            "measures_summary", section.measures_summary, "予定している施策", longest=2000
        ),
        "planned_budget_yen": found.amount(
            "planned_budget_yen", section.planned_budget_yen, "予定の予算額", most=10**12
        ),
        "wanted_kinds": found.choices(
            "wanted_kinds",
            section.wanted_kinds,
            "希望する決済サービスの種類",
            PaymentServiceKind,
            needed=False,
        ),
        "invoice_address": found.text(
            "invoice_address", section.invoice_address, "請求書の送付先", longest=2000, needed=False
        ),
    }
