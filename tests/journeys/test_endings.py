"""A session that ended is over at every copy of every service, whoever still holds a token of it."""

from uuid import UUID

from chassis.access import Keys
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from tests.rig.paperwork import municipality
from tests.rig.stack import Stack
from tests.rig.story import IDENTITY, NOTIFICATIONS, REGISTRY, Story
from tests.rig.waiting import eventually

_DOORS = {
    "identity": f"{IDENTITY}/me",
    "registry": f"{REGISTRY}/registration",
    "registry-2": f"{REGISTRY}/registration",
    "registry-3": f"{REGISTRY}/registration",
    "notifications": f"{NOTIFICATIONS}/letters",
    "notifications-2": f"{NOTIFICATIONS}/letters",
    "notifications-3": f"{NOTIFICATIONS}/letters",
}


async def _statuses(stack: Stack, story: Story, token: str) -> dict[str, int]:
    found = {}
    for copy, path in _DOORS.items():
        headers = {"Authorization": f"Bearer {token}"}
        async with story.http.get(stack.service_url(copy) + path, headers=headers) as answer:
            found[copy] = answer.status
    return found


async def test_an_ended_session_is_refused_by_every_copy(stack: Stack, story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    me = (await visitor.get(f"{IDENTITY}/me")).body
    sessions = (await visitor.get(f"{IDENTITY}/me/sessions")).body["items"]
    session = next(s["session_id"] for s in sessions if s["current"])
    # What the gateway sends inside for this session; it never leaves the house otherwise.
    token = Keys("identity", *stack.keys("identity")).sign(
        Principal(
            kind="member",
            subject=me["member_id"],
            organisation_id=UUID(applicant.organisation_id),
            organisation_kind=OrganisationKind.MUNICIPALITY,
            roles=frozenset(Role(role) for role in me["roles"]),
            session_id=UUID(session),
            amr=("pwd",),
        ),
        seconds=60,
    )
    assert set((await _statuses(stack, story, token)).values()) == {200}
    (await visitor.delete("/api/v1/sessions/current", key=None)).expect(204)

    async def refused() -> bool:
        statuses = await _statuses(stack, story, token)
        assert set(statuses.values()) == {401}, statuses
        return True

    # A second when nothing else runs; this machine may be busy with other tests.
    over: bool = await eventually(refused)
    assert over


async def test_a_token_signed_by_another_service_opens_nothing(stack: Stack, story: Story) -> None:
    forged = Keys("registry", *stack.keys("registry")).sign(
        Principal(kind="member", subject="nobody", organisation_kind=OrganisationKind.SECRETARIAT)
    )
    assert set((await _statuses(stack, story, forged)).values()) == {401}
