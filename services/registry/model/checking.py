"""Judges a whole form: the application it amounts to, or everything that must be mended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from chassis.refusal import FieldError, Invalid
from contracts.values import OrganisationKind
from services.registry.model.application import MunicipalityApplication, ProviderApplication
from services.registry.model.codes import DirectoryEntry
from services.registry.model.documents import needed_slots
from services.registry.model.findings import Findings
from services.registry.model.form import RegistrationForm
from services.registry.model.municipality_form import municipality_application
from services.registry.model.provider_form import provider_application


@dataclass(frozen=True, slots=True)
class Guidelines:
    """The versions of the registration guidelines (登録要領) that must be accepted now."""

    municipality: str
    provider: str

    def of(self, kind: OrganisationKind) -> str:
        """The one for a kind of organisation."""
        return self.provider if kind is OrganisationKind.PROVIDER else self.municipality


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a form is judged against besides itself."""

    guidelines: Guidelines
    directory: Mapping[str, DirectoryEntry]
    #: Slots of documents that were handed in and not refused.
    slots: Collection[str]
    today: date


def judged(
    kind: OrganisationKind, form: RegistrationForm, around: Circumstances
) -> tuple[MunicipalityApplication | ProviderApplication | None, list[FieldError]]:
    """The application, or None and what must be mended first."""
    found = Findings()
    guideline = around.guidelines.of(kind)
    application: MunicipalityApplication | ProviderApplication | None
    if kind is OrganisationKind.PROVIDER:
        application = provider_application(form, found, guideline=guideline)
    else:
        application = municipality_application(
            form, found, directory=around.directory, guideline=guideline, today=around.today
        )
    for slot in needed_slots(kind, form):
        if slot.name not in around.slots:
            detail = f"{slot.label}を付けてください。"
            found.wrong(f"documents.{slot.name}", "document_missing", detail)
    return (None if found.errors else application), found.errors


def checked(
    kind: OrganisationKind, form: RegistrationForm, around: Circumstances
) -> MunicipalityApplication | ProviderApplication:
    """The application a form amounts to; refused with every field that must be mended."""
    application, errors = judged(kind, form, around)
    if application is None:
        detail = f"入力を直してください（{len(errors)}か所）。"
        raise Invalid("registration-incomplete", detail, errors=errors)
    return application
