"""The registration form, page by page: what stands on each, and where a complaint belongs."""

from dataclasses import dataclass
from typing import Any

from gateway.portal.forms import Form, typed_date, typed_date_fields

_PEOPLE = ("department", "name", "kana", "email", "phone")
_ORGANISATION = {
    "municipality": (
        "municipality_kind",
        "code",
        "name",
        "name_kana",
        "postal_code",
        "address",
        "head_title",
    ),
    "provider": (
        "corporate_number",
        "name",
        "name_kana",
        "representative",
        "postal_code",
        "address",
    ),
}
_PLAN = ("measures_summary", "planned_budget_yen", "invoice_address")
_COMPLIANCE = (
    "fraud_control",
    "privacy_certificates",
    "invoice_registration_number",
    "bank_name",
    "bank_branch",
    "account_kind",
    "account_number",
    "account_holder_kana",
)
SERVICE = (
    "name",
    "name_kana",
    "code",
    "kind",
    "account_id_label",
    "account_id_pattern",
    "account_id_example",
    "security_code_label",
    "receive_method",
    "grant_timing",
    "daily_cut_off",
    "application_deadline_days",
    "min_grant",
    "max_grant",
    "point_expiry",
    "area_limits",
    "support_contact",
    "terms_url",
    "special_terms_version",
    "launch_url",
)
#: Where fields stand on their pages, for those that complaints do not come in order for.
_ORDER = (
    "municipality_kind",
    "corporate_number",
    *_ORGANISATION["municipality"][1:4],
    "representative",
    "constituents",
    "postal_code",
    "address",
    "head_title",
    "licences",
    "budget_approved_on",
)
_SERVICE_ORDER = (*SERVICE[:4], "grant_types", *SERVICE[4:])
PEOPLE = {
    "municipality": (("main", "主担当"), ("deputy", "副担当")),
    "provider": (("main", "主担当"), ("deputy", "副担当"), ("technical", "技術担当")),
}
TITLES = {
    "guideline": "要領の確認",
    "organisation": "団体の情報",
    "contacts": "担当者",
    "plan": "実施の予定",
    "compliance": "管理の体制",
    "services": "決済サービス",
    "documents": "書類",
    "check": "確認と提出",
}
STEPS = {
    "municipality": ("guideline", "organisation", "contacts", "plan", "documents", "check"),
    "provider": (
        "guideline",
        "organisation",
        "contacts",
        "compliance",
        "services",
        "documents",
        "check",
    ),
}


def title_of(step: str, kind: str) -> str:
    """What a page of the form is called."""
    return "会社の情報" if (step, kind) == ("organisation", "provider") else TITLES[step]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the form something stands: the page, the service on it, the field."""

    step: str
    field: str
    service: int | None = None

    @property
    def address(self) -> str:
        """The end of the address that leads to the field."""
        if self.service is not None:
            return f"service?n={self.service}#{self.field}"
        return f"{self.step}#{self.field}"


def place_of(path: str) -> Place:
    """Where the field named by ``path`` (``contacts.main.email``) stands."""
    section, _, rest = path.partition(".")
    if section == "services" and rest:
        number, _, field = rest.partition(".")
        if number.isdigit():
            return Place("services", field or "name", int(number))
    if section not in TITLES:
        return Place("organisation", path.replace(".", "_"))
    field = rest.replace(".", "_") or section
    return Place(section, "constituents" if field.startswith("constituents") else field)


def standing(place: Place) -> int:
    """How far down its page a field stands; summaries list mistakes in the order of the page."""
    order = _SERVICE_ORDER if place.service is not None else _ORDER
    return order.index(place.field) if place.field in order else len(order)


def following(step: str, kind: str) -> str:
    """The page after this one."""
    steps = STEPS[kind]
    return steps[steps.index(step) + 1]


def form_of(step: str, kind: str, registration: dict[str, Any], service: int = 0) -> Form:
    """A page of the form, filled with what was saved."""
    saved = registration["form"]
    if step == "guideline":
        accepted = saved["guideline"]["accepted_version"] == registration["guideline_version"]
        return Form.of({"accepted_version": "yes" if accepted else ""})
    if step == "organisation":
        return _organisation_form(saved["organisation"], registration)
    if step == "contacts":
        people = saved["contacts"].items()
        return Form.of({f"{who}_{name}": value for who, p in people for name, value in p.items()})
    if step == "service":
        services = saved["services"]
        return Form.of(services[service] if service < len(services) else {})
    return Form.of(saved.get(step, {})) if step in ("plan", "compliance") else Form()


def _organisation_form(section: dict[str, Any], registration: dict[str, Any]) -> Form:
    number = "corporate_number" if registration["organisation_kind"] == "provider" else "code"
    known = {number: registration["claimed_code"], "name": registration["claimed_name"]}
    filled = {name: section[name] or known.get(name, "") for name in section}
    form = Form.of({**filled, "constituents": "\n".join(section["constituents"])})
    for name, value in typed_date_fields(
        "budget_approved_on", section["budget_approved_on"]
    ).items():
        form[name] = value
    return form


def section_of(step: str, kind: str, form: Form, registration: dict[str, Any]) -> dict[str, Any]:
    """What is saved of a page: everything as it was typed."""
    if step == "guideline":
        version = registration["guideline_version"] if form["accepted_version"] == "yes" else ""
        return {"guideline": {"accepted_version": version}}
    if step == "organisation":
        return {"organisation": _organisation(kind, form)}
    if step == "contacts":
        who = [name for name, _ in PEOPLE[kind]]
        return {"contacts": {w: {n: form[f"{w}_{n}"] for n in _PEOPLE} for w in who}}
    if step == "plan":
        return {"plan": {**form.pick(_PLAN), "wanted_kinds": form.all("wanted_kinds")}}
    if step == "compliance":
        return {"compliance": form.pick(_COMPLIANCE)}
    return {}


def _organisation(kind: str, form: Form) -> dict[str, Any]:
    section: dict[str, Any] = form.pick(_ORGANISATION[kind])
    if kind == "provider":
        return {**section, "licences": form.all("licences")}
    typed = typed_date(form, "budget_approved_on", "予算の議決日")
    lines = [line.strip() for line in form["constituents"].splitlines() if line.strip()]
    return {**section, "constituents": lines, "budget_approved_on": typed}


def service_of(form: Form) -> dict[str, Any]:
    """One payment service as typed."""
    return {**form.pick(SERVICE), "grant_types": form.all("grant_types")}
