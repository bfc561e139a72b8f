"""An organisation's own systems: machine clients that ask by themselves."""

from base64 import b64encode

from tests.rig.paperwork import provider
from tests.rig.story import IDENTITY, NOTIFICATIONS, REGISTRY, Story
from tests.rig.visitor import Answer, Visitor
from tests.rig.waiting import eventually

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def _token(visitor: Visitor, client_id: str, secret: str, scope: str = "") -> Answer:
    proof = b64encode(f"{client_id}:{secret}".encode()).decode()
    words = b"grant_type=client_credentials" + (f"&scope={scope}".encode() if scope else b"")
    headers = {**_FORM, "Authorization": f"Basic {proof}"}
    return await visitor.ask(
        "POST", f"{IDENTITY}/oauth/token", raw=words, headers=headers, key=None
    )


async def test_a_machine_client_reads_until_it_is_revoked(story: Story) -> None:
    admin = await story.get_account(provider())
    made = await admin.post(
        f"{IDENTITY}/clients", {"name": "基幹システム", "scopes": ["registry:read"]}
    )
    client, secret = made.expect(201).body["client"], made.body["client_secret"]
    machine = story.visitor()
    granted = (await _token(machine, client["client_id"], secret)).expect(200).body
    assert granted["token_type"] == "Bearer"
    machine.token = granted["access_token"]
    (await machine.get(f"{REGISTRY}/changes")).expect(200)
    assert (await machine.get(f"{NOTIFICATIONS}/letters")).status == 403
    assert (await machine.get(f"{IDENTITY}/members")).status == 403

    rotated = await admin.post(
        f"{IDENTITY}/clients/{client['client_id']}/rotate", {"overlap_hours": 1}
    )
    new = rotated.expect(200).body["client_secret"]
    for either in (secret, new):
        (await _token(story.visitor(), client["client_id"], either)).expect(200)

    (await admin.delete(f"{IDENTITY}/clients/{client['client_id']}")).expect(204)
    refused = await _token(story.visitor(), client["client_id"], new)
    assert (refused.status, refused.body["error"]) == (401, "invalid_client")

    async def over() -> bool:
        return (await machine.get(f"{REGISTRY}/changes")).status == 401

    token_refused: bool = await eventually(over)
    assert token_refused


async def test_a_machine_client_gets_no_more_than_it_was_given(story: Story) -> None:
    admin = await story.get_account(provider())
    body = {"name": "基幹システム", "scopes": ["registry:write"]}
    assert (await admin.post(f"{IDENTITY}/clients", body)).status == 422
    made = await admin.post(f"{IDENTITY}/clients", {**body, "scopes": ["registry:read"]})
    client, secret = made.expect(201).body["client"], made.body["client_secret"]
    more = await _token(story.visitor(), client["client_id"], secret, "notifications:read")
    assert (more.status, more.body["error"]) == (400, "invalid_scope")
    wrong = await _token(story.visitor(), client["client_id"], secret + "x")
    assert (wrong.status, wrong.body["error"]) == (401, "invalid_client")


async def test_a_members_token_is_not_taken_at_the_door(story: Story) -> None:
    stranger = story.visitor()
    stranger.token = "eyJhbGciOiJub25lIn0.e30."
    assert (await stranger.get(f"{IDENTITY}/me")).status == 401
