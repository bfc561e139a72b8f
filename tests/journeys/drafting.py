"""Measures on every part of their way, for those who look at the pages about them."""

from typing import Any

import aiohttp
import pytest

from tests.journeys.covered import covered_service
from tests.registry.measuring import measure_form, year_of
from tests.rig.stack import Stack
from tests.rig.story import REGISTRY, pass_second_factor, sign_in
from tests.rig.visitor import Visitor

_OWN = f"{REGISTRY}/own-measures"


async def _begun(editor: Visitor, service: str, title: str) -> str:
    form = measure_form() | {"services": [{"code": service, "note": "店頭で受け取ります。"}]}
    form["texts"]["ja"]["title"] = title
    form["amount"] |= {"quota": ""}
    answer = (await editor.post(_OWN, form)).expect(201)
    return str(answer.body["measure_id"])


async def _act(visitor: Visitor, path: str, act: str, body: object = None) -> None:
    etag = (await visitor.get(path)).expect(200).etag
    (await visitor.post(f"{path}/{act}", body, if_match=etag)).expect(200, 201)


@pytest.fixture(scope="session")
async def measures_on_their_way(
    stack: Stack,
    http: aiohttp.ClientSession,
    demo_accounts: list[dict[str, Any]],
    desk: Visitor,
) -> None:
    """Of 小松市: a public one with a later version to approve, an approved one, one to approve, a draft."""
    by = {a["sign_in_id"]: a for a in demo_accounts}
    editor, approver = (Visitor(stack.url, http) for _ in range(2))
    await sign_in(editor, "m172031-01", by["m172031-01"]["password"])
    await sign_in(approver, "m172031-03", by["m172031-03"]["password"])
    await pass_second_factor(approver, by["m172031-03"]["totp_secret"])
    service = await covered_service(stack, "172031", year_of(measure_form()))
    titles = ("公開している施策", "確認を待つ施策", "承認を待つ施策", "入力中の施策")
    made = [await _begun(editor, service, title) for title in titles]
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
