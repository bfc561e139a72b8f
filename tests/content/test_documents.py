"""Documents in versions: which binds on a day, whom, and that a new one is told of by itself."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson

from chassis.clock import now, today
from chassis.database import transaction
from contracts.values import OrganisationKind
from services.content.commands.documents import accepted_elsewhere
from tests.content.asking import Asker, Desk

GUIDELINE = "provider-guideline"


async def _begun(desk: Desk, slug: str = GUIDELINE, **more: Any) -> Asker:
    who = desk.secretariat()
    begun = await who.post("/desk/documents", {"slug": slug, "shelf": "provider", **more})
    assert begun.status == 201, begun.json
    return who


def version(on: date, text: str = "## 1 決まり\n\n- 一つ", **more: Any) -> dict[str, Any]:
    return {
        "title": "事業者登録要領",
        "about": "登録の決まり。",
        "effective_on": on.isoformat(),
        "change_note": "決まりを加えました。",
        "texts": {"ja": text},
        **more,
    }


async def _added(who: Asker, body: dict[str, Any], etag: int, slug: str = GUIDELINE) -> Any:
    answer = await who.post(f"/desk/documents/{slug}/versions", body, etag=etag)
    assert answer.status == 201, answer.json
    return answer.json


async def test_a_new_version_makes_its_notice_in_the_same_breath(desk: Desk) -> None:
    who, day = await _begun(desk), today()
    await _added(who, version(day - timedelta(days=30)), 1)
    shown = await _added(who, version(day), 2)
    first, second = sorted(await desk.titles())
    assert first.startswith("事業者登録要領を公開しました")
    assert second.startswith("事業者登録要領を改めました")
    facts = [orjson.loads(f["body"]) for f in await desk.facts("content.document")]
    assert [fact["number"] for fact in facts] == [1, 2]
    notice = await desk.anybody().get(f"/notices/{facts[1]['notice_id']}")
    assert notice.json["links"][0]["target"] == f"/documents/{GUIDELINE}"
    assert shown["name"] == day.isoformat()


async def test_a_notice_that_tells_of_it_already_is_not_doubled(desk: Desk) -> None:
    notice = await desk.published(title="要領を公開しました")
    who = await _begun(desk)
    await _added(who, version(today(), notice_id=notice["notice_id"]), 1)
    assert await desk.titles() == ["要領を公開しました"]


async def test_each_day_has_its_version(desk: Desk) -> None:
    who = await _begun(desk)
    begun, changed, coming = (today() + timedelta(days=d) for d in (-30, -10, 20))
    for etag, (day, text) in enumerate(
        [(begun, "- 古い"), (changed, "- 今の"), (coming, "- 次の")], 1
    ):
        await _added(who, version(day, text), etag)
    now_shown = (await desk.anybody().get(f"/documents/{GUIDELINE}")).json
    assert (now_shown["number"], now_shown["text"]) == (2, "- 今の")
    assert now_shown["upcoming"]["name"] == coming.isoformat()
    assert [(d["how"], d["text"]) for d in now_shown["differences"]] == [
        ("removed", "- 古い"),
        ("added", "- 今の"),
    ]
    first = (await desk.anybody().get(f"/documents/{GUIDELINE}/versions/1")).json
    assert (first["text"], first["in_force"]) == ("- 古い", False)
    at = (now() + timedelta(days=21)).isoformat().replace("+", "%2B")
    later = (await desk.secretariat().get(f"/desk/site?at={at}")).json
    assert later["documents"]["items"][0]["number"] == 3
    assert (await desk.anybody().get(f"/documents/{GUIDELINE}/versions/9")).status == 404


async def test_a_version_stands_on_the_shelf_and_on_its_page_as_it_was_known(desk: Desk) -> None:
    who = await _begun(desk)
    await _added(who, version(today() - timedelta(days=30)), 1)
    then = quote((now() - timedelta(days=1)).isoformat())
    asked = f"?as_of={today().isoformat()}&known_at={then}"
    assert (await desk.anybody().get(f"/documents{asked}")).json["items"] == []
    page = await desk.anybody().get(f"/documents/{GUIDELINE}{asked}")
    assert (page.status, page.code) == (404, "version-unknown")


async def test_versions_follow_each_other(desk: Desk) -> None:
    # One day for all, also where midnight passes meanwhile.
    who, first = await _begun(desk), today()
    await _added(who, version(first), 1)
    path = f"/desk/documents/{GUIDELINE}/versions"
    stale = await who.post(path, version(first + timedelta(days=1)), etag=1)
    assert (stale.status, stale.code) == (412, "version-stale")
    for day in (first, first - timedelta(days=5), first + timedelta(days=900)):
        refused = await who.post(path, version(day), etag=2)
        assert (refused.status, refused.code) == (422, "version-refused")
    html = await who.post(path, version(first + timedelta(days=1), "<p>x</p>"), etag=2)
    assert ("texts.ja", "html_refused") in html.fields


async def test_which_text_bound_a_provider_on_a_day_is_a_question(desk: Desk) -> None:
    who = await _begun(desk)
    old, new = today() - timedelta(days=30), today() - timedelta(days=3)
    await _added(who, version(old), 1)
    await _added(who, version(new), 2)
    provider = desk.member(OrganisationKind.PROVIDER)
    assert provider.organisation_id
    async with transaction(desk.pool) as conn:
        at = now() - timedelta(days=29)
        await accepted_elsewhere(
            conn, GUIDELINE, old, provider.organisation_id, by="registry", now=at
        )

    async def bound_on(day: date) -> tuple[int | None, int | None]:
        path = f"/own/documents/{GUIDELINE}/bound?on={day}"
        found = (await provider.get(path)).json
        return tuple(found[k]["number"] if found[k] else None for k in ("bound", "in_force"))  # type: ignore[return-value]

    assert await bound_on(old - timedelta(days=1)) == (None, None)
    assert await bound_on(old) == (None, 1)
    assert await bound_on(old + timedelta(days=2)) == (1, 1)
    assert await bound_on(today()) == (1, 2)
    path = f"/own/documents/{GUIDELINE}/acceptances"
    done = await provider.post(path, {"number": 2})
    assert (done.status, done.json["bound"]["number"]) == (201, 2)
    await provider.post(path, {"number": 2})
    assert await bound_on(today()) == (2, 2)
    told = [f["type"] for f in await desk.facts("content.document")]
    assert told.count("content.document.accepted.v1") == 1
    of = f"organisation_id={provider.organisation_id}"
    asked = await desk.secretariat().get(f"/desk/documents/{GUIDELINE}/bound?{of}")
    assert asked.json["bound"]["number"] == 2


async def test_a_version_that_was_replaced_cannot_be_agreed_to(desk: Desk) -> None:
    who = await _begun(desk)
    await _added(who, version(today() - timedelta(days=3)), 1)
    await _added(who, version(today()), 2)
    path = f"/own/documents/{GUIDELINE}/acceptances"
    late = await desk.member(OrganisationKind.PROVIDER).post(path, {"number": 1})
    assert (late.status, late.code) == (409, "version-replaced")
    assert (await desk.member(OrganisationKind.PROVIDER).post(path, {"number": 9})).status == 404


async def test_a_version_has_files_that_can_be_checked_after_a_download(desk: Desk) -> None:
    file = await desk.brought()
    assert file["state"] == "checked", file
    who = await _begun(desk)
    shown = await _added(who, version(today(), files=[file["file_id"]]), 1)
    assert shown["files"][0]["sha256"] == file["sha256"]
    got = await desk.anybody().get(f"/files/{file['file_id']}")
    assert (got.status, len(got.content)) == (200, file["size"])
    assert got.headers["ETag"] == f'"{file["sha256"]}"'


async def test_a_document_for_some_is_there_for_nobody_else(desk: Desk) -> None:
    who = await _begun(desk, "inner-rules", access="municipality")
    await _added(who, version(today()), 1, "inner-rules")
    assert (await desk.anybody().get("/documents")).json["items"] == []
    assert (await desk.anybody().get("/documents/inner-rules")).status == 404
    municipality = desk.member(OrganisationKind.MUNICIPALITY)
    assert (await municipality.get("/own/documents/inner-rules")).status == 200
    provider = desk.member(OrganisationKind.PROVIDER)
    assert (await provider.get("/own/documents/inner-rules")).status == 404
    path = "/own/documents/inner-rules/acceptances"
    assert (await provider.post(path, {"number": 1})).status == 403


async def test_a_slug_is_taken_once(desk: Desk) -> None:
    who = await _begun(desk)
    again = await who.post("/desk/documents", {"slug": GUIDELINE, "shelf": "provider"})
    assert (again.status, again.code) == (409, "slug-taken")
    path = await who.post("/desk/documents", {"slug": "../x", "shelf": "provider"})
    assert path.status == 422


async def test_a_draft_cannot_be_the_notice_of_a_version_that_is_not_there(desk: Desk) -> None:
    who = await _begun(desk)
    path = f"/desk/documents/{GUIDELINE}/versions"
    unknown = await who.post(path, version(today(), notice_id=str(UUID(int=1))), etag=1)
    assert unknown.status == 404
    draft = await desk.written()
    untold = await who.post(path, version(today(), notice_id=draft["notice_id"]), etag=1)
    assert ("notice_id", "notice_untold") in untold.fields
