"""What the registry says about measures: letters to those whose turn it is, and to the municipality."""

from collections.abc import Mapping

from chassis.database import Connection
from contracts.event import Fact
from contracts.principal import Role
from contracts.registry import (
    MeasureApproved,
    MeasureClosed,
    MeasureFact,
    MeasureOpened,
    MeasurePaused,
    MeasurePublished,
    MeasureReturned,
    MeasureSubmitted,
)
from contracts.values import OrganisationKind
from services.notifications.commands import organisations
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.model.letter import ACTING
from services.notifications.model.writing import Value
from services.notifications.subscriptions.writing import Writer, cause_of

#: Who is written to when somebody other than the drafter has to approve.
_APPROVING = frozenset({Role.APPROVER})
_REASONS = {
    "deadline": "申込みの締切になったため",
    "budget_exhausted": "予算がなくなったため",
    "quota_reached": "定員に達したため",
    "municipality_decision": "団体の操作による",
    "provider_withdrawn": "決済事業者との有効な契約がなくなったため",
    "registration_suspended": "団体か決済事業者の登録が停止されているため（再開されると、募集も自動で再開します）",
}


async def _tell(
    desk: Desk,
    conn: Connection,
    fact: MeasureFact,
    template: str,
    values: Mapping[str, Value],
    *,
    roles: frozenset[Role] = ACTING,
) -> None:
    titled: dict[str, Value] = {"title": one_line(fact.title), **values}
    await organisations.tell_organisation(
        conn, desk, cause_of(fact), fact.municipality_id, template, titled, roles=roles
    )


async def _submitted(desk: Desk, conn: Connection, fact: MeasureSubmitted) -> None:
    await _tell(desk, conn, fact, "measure_submitted", {}, roles=_APPROVING)


async def _approved(desk: Desk, conn: Connection, fact: MeasureApproved) -> None:
    values: dict[str, Value] = {
        "title": one_line(fact.title),
        "municipality": await organisations.applicant_name(conn, fact.municipality_id),
    }
    await organisations.tell_secretariat(conn, desk, cause_of(fact), "measure_arrived", values)


async def _returned(desk: Desk, conn: Connection, fact: MeasureReturned) -> None:
    by = "事務局" if fact.by is OrganisationKind.SECRETARIAT else "承認する職員"
    await _tell(desk, conn, fact, "measure_returned", {"by": by, "message": fact.message})


async def _published(desk: Desk, conn: Connection, fact: MeasurePublished) -> None:
    values: dict[str, Value] = {
        "apply_from": fact.entry.apply_from,
        "apply_until": fact.entry.apply_until,
    }
    await _tell(desk, conn, fact, "measure_published", values)


async def _opened(desk: Desk, conn: Connection, fact: MeasureOpened) -> None:
    values = {"effective_at": fact.effective_at, "apply_until": fact.entry.apply_until}
    await _tell(desk, conn, fact, "measure_opened", values)


async def _paused(desk: Desk, conn: Connection, fact: MeasurePaused) -> None:
    values: dict[str, Value] = {
        "effective_at": fact.effective_at,
        "reason": _said(fact.reason, fact.message),
    }
    await _tell(desk, conn, fact, "measure_paused", values)


async def _closed(desk: Desk, conn: Connection, fact: MeasureClosed) -> None:
    values: dict[str, Value] = {
        "effective_at": fact.effective_at,
        "reason": _said(fact.reason, fact.message),
    }
    await _tell(desk, conn, fact, "measure_closed", values)


def _said(reason: str, message: str) -> str:
    words = _REASONS.get(reason, reason)
    return f"{words}\n{message}" if message else words


WRITERS: Mapping[type[Fact], Writer] = {
    MeasureSubmitted: _submitted,
    MeasureApproved: _approved,
    MeasureReturned: _returned,
    MeasurePublished: _published,
    MeasureOpened: _opened,
    MeasurePaused: _paused,
    MeasureClosed: _closed,
}
