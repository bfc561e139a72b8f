"""Stories that tests begin with."""

from collections.abc import Awaitable, Callable
from typing import Any

from contracts.values import OrganisationKind
from tests.registry.asking import Asker, Desk
from tests.registry.forms import municipality_form, provider_form
from tests.rig.asker import Answered

Inspect = Callable[[], Awaitable[None]]


async def typed_in(asker: Asker, form: dict[str, Any]) -> Answered:
    """The whole form is saved as a draft, with the documents it needs."""
    answer = await asker.put("/registration/draft", form, etag=await asker.version())
    assert answer.status == 200, answer.content
    for slot in answer.json["documents"]:
        if slot["needed"] and slot["document"] is None:
            assert (await asker.upload(slot["slot"])).status == 201
    return await asker.get("/registration")


async def submitted(asker: Asker, form: dict[str, Any]) -> Answered:
    """The form is handed in."""
    await typed_in(asker, form)
    answer = await asker.post("/registration/submit", etag=await asker.version())
    assert answer.status == 201, answer.content
    return answer


async def taken(desk: Desk, asker: Asker, form: dict[str, Any], inspect: Inspect) -> Asker:
    """The registration is under review by the member of the secretariat who is answered."""
    await submitted(asker, form)
    await inspect()
    reviewer = desk.secretariat()
    path = f"/registrations/{asker.organisation_id}"
    answer = await reviewer.post(f"{path}/take", etag=await reviewer.version(path))
    assert answer.status == 200, answer.content
    return reviewer


async def registered(
    desk: Desk,
    form: dict[str, Any],
    inspect: Inspect,
    *,
    on: str = "2023-04-01",
    kind: OrganisationKind | None = None,
) -> Asker:
    """An organisation that is in the register."""
    kind = kind or (
        OrganisationKind.PROVIDER if "services" in form else OrganisationKind.MUNICIPALITY
    )
    asker = await desk.applicant(kind)
    reviewer = await taken(desk, asker, form, inspect)
    path = f"/registrations/{asker.organisation_id}"
    answer = await reviewer.post(
        f"{path}/approve", {"effective_on": on}, etag=await reviewer.version(path)
    )
    assert answer.status == 200, answer.content
    return asker


async def registered_municipality(desk: Desk, inspect: Inspect) -> Asker:
    """小松市 is in the register."""
    return await registered(desk, municipality_form(), inspect)


async def registered_provider(desk: Desk, inspect: Inspect) -> Asker:
    """An invented provider is in the register with one service."""
    return await registered(desk, provider_form(), inspect)
