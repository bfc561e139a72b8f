"""Plays the life of one organisation through the commands people use, on the days it is said to have happened."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import now, today
from chassis.database import Connection
from chassis.refusal import FieldError
from contracts.principal import Principal
from contracts.values import OrganisationKind
from services.registry.commands import (
    change_requests,
    documents,
    organisations,
    registrations,
    review,
    standing,
)
from services.registry.commands.review import Reviewer
from services.registry.demo.people import CLERK, REVIEWER, instant
from services.registry.model.checking import Guidelines
from services.registry.model.documents import needed_slots
from services.registry.model.form import RegistrationForm
from services.registry.store import organisations as store

_PDF = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n%% demo %s\ntrailer<</Root 1 0 R>>\n%%%%EOF\n"
)


@dataclass
class Play:
    """One organisation on its way."""

    conn: Connection
    organisation_id: UUID
    kind: OrganisationKind
    code: str
    form: RegistrationForm

    @property
    def guidelines(self) -> Guidelines:
        """Whichever versions the form accepted were in force when it was handed in."""
        accepted = self.form.guideline.accepted_version
        return Guidelines(accepted, accepted)

    async def begin(self, day: date, *, account: bool) -> None:
        """The organisation comes, types its form and hands in its documents."""
        name, at = self.form.organisation.name, instant(day, 9)
        if account:
            await organisations.welcome(
                self.conn, self.organisation_id, kind=self.kind, code=self.code, name=name, now=at
            )
        else:
            await organisations.enter_on_behalf(
                self.conn,
                kind=self.kind,
                code=self.code,
                name=name,
                by=CLERK,
                now=at,
                organisation_id=self.organisation_id,
            )
        await self._type(day)
        for slot in needed_slots(self.kind, self.form):
            digest = hashlib.sha256(f"{self.code} {slot.name}".encode()).hexdigest()
            await documents.hand_in_document(
                self.conn,
                self.organisation_id,
                slot=slot.name,
                name=f"{slot.label}.pdf",
                content=_PDF % digest.encode(),
                by=CLERK,
                now=at,
            )
        while await documents.inspect_next_document(self.conn):
            pass

    async def submit(self, day: date) -> None:
        """The form is handed in."""
        await registrations.submit(
            self.conn,
            self.organisation_id,
            by=CLERK,
            expected=None,
            guidelines=self.guidelines,
            today=day,
            now=instant(day, 14),
        )

    async def take(self, day: date) -> None:
        """The review begins."""
        await review.take(self.conn, self.organisation_id, _reviewer(day, 10))

    async def approve(self, on: date) -> None:
        """The organisation is registered."""
        await review.approve(self.conn, self.organisation_id, _reviewer(on, 9), effective_on=on)

    async def reject(self, day: date, message: str) -> None:
        """The organisation is not registered."""
        await review.reject(
            self.conn,
            self.organisation_id,
            _reviewer(day, 15),
            message=message,
            reason="施策の予定がない",
        )

    async def give_back(self, day: date, row: dict[str, Any]) -> None:
        """The organisation is asked for corrections."""
        await review.return_for_correction(
            self.conn,
            self.organisation_id,
            _reviewer(day, 11),
            message=row["message"],
            reason="書類の記載が足りない",
            remarks=(FieldError(row["field"], "remark", row["detail"]),),
            correct_by=today() + timedelta(days=10),
        )

    async def mend(self) -> None:
        """What was remarked is mended in the form."""
        section = self.form.organisation.model_copy(update={"budget_approved_on": "2023-09-25"})
        self.form = self.form.with_sections(organisation=section)
        await self._type(today())

    async def go_on(self, step: dict[str, Any]) -> None:
        """Something happens to it in the register."""
        on = date.fromisoformat(step["on"])
        if step["act"] == "rename":
            await self._rename(on, step)
            return
        act = {
            "suspend": standing.suspend,
            "resume": standing.resume,
            "leave": standing.leave,
        }[step["act"]]
        await act(
            self.conn,
            self.organisation_id,
            _reviewer(on, 9),
            effective_on=on,
            reason=step["reason"],
        )

    async def answer(self, year: int, participating: bool) -> None:
        """It says whether it takes part in a fiscal year."""
        on = min(max(date(year, 4, 3), await self._since()), today())
        await standing.declare_participation(
            self.conn,
            self.organisation_id,
            year,
            _reviewer(on, 16),
            participating=participating,
            effective_on=on,
        )

    async def _since(self) -> date:
        found = await store.organisation(self.conn, self.organisation_id)
        return found.effective_on or today()

    async def _type(self, day: date) -> None:
        await registrations.save_draft(
            self.conn,
            self.organisation_id,
            {name: getattr(self.form, name) for name in type(self.form).model_fields},
            expected=None,
            now=instant(day, 9),
        )

    async def _rename(self, on: date, step: dict[str, Any]) -> None:
        names = {"name": step["name"], "name_kana": step["name_kana"]}
        section = self.form.organisation.model_copy(update=names)
        self.form = self.form.with_sections(organisation=section)
        request = await change_requests.request_change(
            self.conn,
            self.organisation_id,
            self.form,
            wanted_on=on,
            reason=step["reason"],
            by=CLERK,
            guidelines=self.guidelines,
            today=on,
            now=instant(on - timedelta(days=5), 9),
        )
        await change_requests.approve_change(
            self.conn, request.id, _reviewer(on, 9), effective_on=on
        )


def _reviewer(day: date, hour: int, by: Principal = REVIEWER) -> Reviewer:
    at = min(instant(day, hour), now())
    return Reviewer(by=by, expected=None, today=day, now=at)
