"""What identity hears: how registrations stand, and which account mails arrived."""

from functools import partial
from uuid import UUID

from chassis.database import Connection
from chassis.inbox import Subscriptions
from contracts.notifications import LetterBounced, LetterSent
from contracts.registry import (
    OrganisationFact,
    OrganisationRegistered,
    OrganisationResumed,
    OrganisationSuspended,
    OrganisationWithdrawn,
    RegistrationRejected,
    RegistrationReturned,
    RegistrationSubmitted,
    RegistrationWithdrawn,
    ReviewStarted,
)
from services.identity.commands import closing
from services.identity.store import accounts

_STATES: dict[type[OrganisationFact], str] = {
    RegistrationSubmitted: "submitted",
    ReviewStarted: "in_review",
    RegistrationReturned: "returned",
    RegistrationRejected: "rejected",
    RegistrationWithdrawn: "application_withdrawn",
    OrganisationRegistered: "registered",
    OrganisationSuspended: "suspended",
    OrganisationResumed: "registered",
    OrganisationWithdrawn: "withdrawn",
}
#: Account mails whose loss keeps somebody from coming in.
_WAITED_FOR = frozenset({"account_link", "account_activation", "account_issued"})


async def _registration(state: str, conn: Connection, fact: OrganisationFact) -> None:
    await accounts.note_registration(conn, fact.organisation_id, fact.revision, state)


def _account_in(about: str) -> UUID | None:
    kind, _, account_id = about.rpartition("/")
    return UUID(account_id) if kind.endswith("account") else None


async def letter_sent(conn: Connection, fact: LetterSent) -> None:
    """The mail server took an account mail."""
    account_id = _account_in(fact.about)
    if account_id and fact.template in _WAITED_FOR:
        await accounts.mark_mailed(conn, account_id, fact.occurred_at)


async def letter_bounced(conn: Connection, fact: LetterBounced) -> None:
    """An account mail came back."""
    account_id = _account_in(fact.about)
    if account_id and fact.template in _WAITED_FOR:
        await closing.mail_bounced(
            conn, account_id, about_revision=fact.about_revision, at=fact.occurred_at
        )


SUBSCRIPTIONS = Subscriptions(
    {fact: partial(_registration, state) for fact, state in _STATES.items()}
    | {LetterSent: letter_sent, LetterBounced: letter_bounced}
)
