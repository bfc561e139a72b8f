"""Measures on every part of their way, for those who look at the pages about them."""

from typing import Any

import aiohttp
import pytest

from chassis.clock import today
from tests.journeys.covered import covered_service
from tests.registry.measuring import measure_form, year_of
from tests.rig.stack import Stack
from tests.rig.story import REGISTRY, pass_second_factor, sign_in
from tests.rig.visitor import Visitor

_OWN = f"{REGISTRY}/own-measures"


async def _staff(
    stack: Stack, http: aiohttp.ClientSession, accounts: list[dict[str, Any]]
) -> tuple[Visitor, Visitor]:
    """Who drafts measures of 小松市, and who approves them."""
    by = {a["sign_in_id"]: a for a in accounts}
    editor, approver = Visitor(stack.url, http), Visitor(stack.url, http)
    await sign_in(editor, "m172031-01", by["m172031-01"]["password"])
    await sign_in(approver, "m172031-03", by["m172031-03"]["password"])
    await pass_second_factor(approver, by["m172031-03"]["totp_secret"])
    return editor, approver


async def _begun(editor: Visitor, service: str, title: str, form: dict[str, Any]) -> str:
    form = form | {"services": [{"code": service, "note": "店頭で受け取ります。"}]}
    form["texts"]["ja"]["title"] = title
    answer = (await editor.post(_OWN, form)).expect(201)
    return str(answer.body["measure_id"])


async def _act(visitor: Visitor, path: str, act: str, body: object = None) -> None:
    etag = (await visitor.get(path)).expect(200).etag
    (await visitor.post(f"{path}/{act}", body, if_match=etag)).expect(200, 201)


async def one_place(
    stack: Stack,
    http: aiohttp.ClientSession,
    accounts: list[dict[str, Any]],
    desk: Visitor,
    title: str,
) -> str:
    """The id of an open measure of 小松市 for people from anywhere, with one place and somebody who decides."""
    editor, approver = await _staff(stack, http, accounts)
    form = measure_form(
        who={"unit": "person", "areas": [], "years_until": "", "years_on": "", "statements": []},
        amount={"quota": "1"},
        dates={"apply_from_on": today().isoformat()},
        review={"review_method": "post", "withdrawal_allowed": "yes"},
    )
    service = await covered_service(stack, "172031", year_of(form))
    measure_id = await _begun(editor, service, title, form)
    await _act(editor, f"{_OWN}/{measure_id}", "submit")
    await _act(approver, f"{_OWN}/{measure_id}", "approve")
    await _act(desk, f"{REGISTRY}/measure-checks/{measure_id}", "confirm")
    return measure_id


@pytest.fixture(scope="session")
async def measures_on_their_way(
    stack: Stack,
    http: aiohttp.ClientSession,
    demo_accounts: list[dict[str, Any]],
    desk: Visitor,
) -> None:
    """Of 小松市: a public one with a later version to approve, an approved one, one to approve, a draft."""
    editor, approver = await _staff(stack, http, demo_accounts)
    service = await covered_service(stack, "172031", year_of(measure_form()))
    titles = ("公開している施策", "確認を待つ施策", "承認を待つ施策", "入力中の施策")
    made = [
        await _begun(editor, service, title, measure_form(amount={"quota": ""})) for title in titles
    ]
    for measure_id in made[:3]:
        await _act(editor, f"{_OWN}/{measure_id}", "submit")
    for measure_id in made[:2]:
        await _act(approver, f"{_OWN}/{measure_id}", "approve")
    await _act(desk, f"{REGISTRY}/measure-checks/{made[0]}", "confirm")
    public = f"{_OWN}/{made[0]}"
    await _act(editor, public, "edit")
    found = (await editor.get(public)).expect(200)
    more = found.body["form"]["amount"] | {"budget_yen": "60,000,000"}
    (await editor.put(f"{public}/draft", {"amount": more}, if_match=found.etag)).expect(200)
    await _act(editor, public, "submit")
