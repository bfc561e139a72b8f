"""Waits until a stack has come to rest, then has it judged."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.faults import checker
from tests.rig.feed import verified
from tests.rig.paperwork import Applicant
from tests.rig.stack import Stack
from tests.rig.story import REGISTRY, Story
from tests.rig.waiting import eventually

#: What the portal says once for each act it acknowledged.
_SAID = {
    "submitted": "registry.organisation.submitted.v1",
    "take": "registry.organisation.review_started.v1",
    "return": "registry.organisation.returned.v1",
    "approve": "registry.organisation.registered.v1",
}
_LISTS = {"municipalities": "code", "providers": "number", "payment-services": "code"}


def urls(stack: Stack) -> dict[str, str]:
    """The databases, as their superuser sees them."""
    return {service: stack.database_url(service) for service in checker.SERVICES}


async def settle(stack: Stack, within: float = 180) -> None:
    """Return when nothing is under way any more."""
    async with checker.connected(urls(stack)) as databases:

        async def rest() -> bool:
            left = await checker.unsettled(databases)
            assert not left, left[:10]
            return True

        settled: bool = await eventually(rest, within=within)
        assert settled


async def judge(
    story: Story, applicants: Sequence[Applicant], today: date, within: float = 180
) -> None:
    """Nothing is lost, doubled, out of order or different in two places."""
    await settle(story.stack, within)
    mails = await story.mailbox.mails()
    async with checker.connected(urls(story.stack)) as databases:
        wrong = await checker.everything(databases, mails)
        for applicant in applicants:
            wrong += await _forgotten(databases, applicant)
    wrong += await _unequal(story, today)
    for applicant in applicants:
        if "approve" in applicant.acknowledged and await story.listed(applicant) is None:
            wrong.append(f"{applicant.name} was approved and is in no list")
    assert not wrong, wrong[:20]


async def _forgotten(databases: checker.Connections, applicant: Applicant) -> list[str]:
    """What was acknowledged to an applicant and did not happen just as often."""
    told = applicant.acknowledged
    wrong = []
    if "issued" in told:
        account = await databases["identity"].fetchval(
            "SELECT account_id::text FROM members WHERE sign_in_id = $1", applicant.sign_in_id
        )
        if account is None:
            wrong.append(f"{applicant.sign_in_id} was issued and does not exist")
    said = Counter(
        row["type"]
        for row in await databases["registry"].fetch(
            "SELECT type FROM events WHERE subject = $1",
            f"organisation/{applicant.organisation_id}",
        )
    )
    for act, fact in _SAID.items():
        if said[fact] != told.count(act):
            wrong.append(
                f"{applicant.name}: {act} was acknowledged {told.count(act)} times"
                f" and said {said[fact]} times"
            )
    return wrong


async def _unequal(story: Story, today: date) -> list[str]:
    """Where the feed, folded by its reader, and the public lists say different things."""
    entries = verified(await story.feed())
    told = checker.folded(entries, today.isoformat())
    wrong = []
    for name, field in _LISTS.items():
        shown = {(item[field], item["name"]) for item in await _whole(story, name, today)}
        if shown != told[name]:
            more, less = sorted(shown - told[name])[:3], sorted(told[name] - shown)[:3]
            wrong.append(f"{name}: only in the list {more}, only in the feed {less}")
    return wrong


async def _whole(story: Story, name: str, today: date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, object] = {"as_of": today, "limit": 100}
    while True:
        page = (await story.visitor().get(f"{REGISTRY}/{name}", **query)).expect(200).body
        found += page["items"]
        if page["next"] is None:
            assert len(found) == page["total"]
            return found
        query["after"] = page["next"]
