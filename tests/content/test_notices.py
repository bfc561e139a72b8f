"""Notices: written, scheduled, on the site, amended, mended, taken down and withdrawn."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from chassis.clock import now
from chassis.database import reading, transaction
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.content.commands.publication import act_when_due
from services.content.store import notices, showings
from tests.content.asking import Desk, writing


async def test_a_notice_is_seen_when_it_is_published_and_not_before(desk: Desk) -> None:
    draft = await desk.written(title="これから")
    assert await desk.titles() == []
    path = f"/desk/notices/{draft['notice_id']}/schedule"
    await desk.secretariat().post(path, {}, etag=draft["version"])
    assert await desk.titles() == ["これから"]
    [fact] = await desk.facts("content.notice")
    assert fact["type"] == "content.notice.published.v1"
    assert orjson.loads(fact["body"])["notice"]["texts"]["ja"]["title"] == "これから"


HOUR = timedelta(hours=1)


async def _shown_at(desk: Desk, at: datetime) -> list[str]:
    """What a visitor would read if it were that late."""
    async with reading(desk.pool) as conn:
        moment = showings.Moment(at, present=True)
        rows = await showings.page(conn, showings.Wanted(moment, ("public",)))
    return [orjson.loads(row["texts"])["ja"]["title"] for row in rows]


async def _clock_says(desk: Desk, at: datetime) -> bool:
    async with transaction(desk.pool) as conn:
        return await act_when_due(conn, at)


async def test_a_due_time_counts_even_before_the_job_has_seen_it(desk: Desk) -> None:
    due = now() + HOUR
    shown = await desk.published({"publish_at": due.isoformat()}, title="ちょうど")
    assert shown["state"] == "scheduled"
    just_before, just_then = due - timedelta(microseconds=1), due
    assert await _shown_at(desk, just_before) == []
    assert await _clock_says(desk, just_before) is False
    assert await _shown_at(desk, just_then) == ["ちょうど"]
    assert await desk.facts("content.notice") == []
    assert await _clock_says(desk, just_then) is True
    assert await _clock_says(desk, just_then) is False
    assert len(await desk.facts("content.notice")) == 1


async def test_it_comes_down_at_its_instant_and_the_place_says_so(desk: Desk) -> None:
    end = now() + HOUR
    shown = await desk.published({"take_down_at": end.isoformat()}, title="しばらく")
    assert await _shown_at(desk, end - timedelta(microseconds=1)) == ["しばらく"]
    assert await _shown_at(desk, end) == []
    assert await _clock_says(desk, end) is True
    assert await desk.titles() == []
    gone = await desk.anybody().get(f"/notices/{shown['notice_id']}")
    assert (gone.status, gone.code) == (410, "notice-ended")
    types = [fact["type"] for fact in await desk.facts("content.notice")]
    assert types == ["content.notice.published.v1", "content.notice.ended.v1"]


async def test_a_clock_that_leaps_neither_doubles_nor_skips(desk: Desk) -> None:
    for hours in (1, 2, 3):
        await desk.published({"publish_at": (now() + hours * HOUR).isoformat()}, title=str(hours))
    leap, back = now() + 2.5 * HOUR, now() - 2 * HOUR
    assert [await _clock_says(desk, leap) for _ in range(3)] == [True, True, False]
    assert await _clock_says(desk, back) is False
    assert await _shown_at(desk, back) == ["2", "1"]
    assert await _clock_says(desk, now() + 1.5 * HOUR) is False
    assert await _clock_says(desk, now() + 4 * HOUR) is True
    assert await _shown_at(desk, now() + 4 * HOUR) == ["3", "2", "1"]
    assert len(await desk.facts("content.notice")) == 3


async def test_the_pinned_words_go_live_whatever_is_typed_later(desk: Desk) -> None:
    later = (now() + timedelta(hours=1)).isoformat()
    shown = await desk.published({"publish_at": later}, title="決めた言葉")
    path = f"/desk/notices/{shown['notice_id']}"
    changed = await desk.secretariat().put(path, writing("あとの言葉"), etag=shown["version"])
    assert (changed.status, changed.code) == (409, "notice-state")
    again = await desk.secretariat().post(f"{path}/unschedule", {}, etag=shown["version"])
    assert again.json["state"] == "draft"
    changed = await desk.secretariat().put(path, writing("あと"), etag=again.json["version"])
    assert changed.json["edition"] == 2


async def test_who_was_slower_is_told(desk: Desk) -> None:
    draft = await desk.written()
    path = f"/desk/notices/{draft['notice_id']}"
    await desk.secretariat().put(path, writing("先"), etag=draft["version"])
    late = await desk.secretariat().put(path, writing("後"), etag=draft["version"])
    assert (late.status, late.code) == (412, "version-stale")
    assert (await desk.secretariat().put(path, writing("後"))).status == 428


async def test_a_correction_stands_above_its_original_and_names_it(desk: Desk) -> None:
    original = await desk.published(title="日程のお知らせ")
    base = f"/desk/notices/{original['notice_id']}"
    draft = (await desk.secretariat().post(f"{base}/amendments")).json
    again = await desk.secretariat().post(f"{base}/amendments")
    assert (again.status, again.code) == (409, "notice-amended")
    path = f"/desk/notices/{draft['notice_id']}"
    draft = (await desk.secretariat().put(path, writing("日程の変更"), etag=draft["version"])).json
    await desk.secretariat().post(f"{path}/schedule", {}, etag=draft["version"])
    answer = await desk.anybody().get("/notices")
    above, below = answer.json["items"]
    assert above["title"] == "日程の変更"
    assert above["amends"]["notice_id"] == original["notice_id"]
    assert below["amended_by"]["notice_id"] == draft["notice_id"]
    facts = await desk.facts("content.notice")
    said = orjson.loads(facts[-1]["body"])
    assert (said["amends"], said["amendment"]) == (original["notice_id"], "correction")


async def test_what_a_correction_that_was_taken_back_corrected_can_be_corrected_anew(
    desk: Desk,
) -> None:
    first = await desk.published(title="もとの題")
    who, path = desk.secretariat(), f"/desk/notices/{first['notice_id']}/amendments"
    wrong = (await who.post(path, {})).json
    assert (await who.post(path, {})).code == "notice-amended"
    own = f"/desk/notices/{wrong['notice_id']}"
    up = await who.post(f"{own}/schedule", {}, etag=wrong["version"])
    await who.post(f"{own}/withdraw", {"reason": "まちがいでした。"}, etag=up.json["version"])
    right = (await who.post(path, {})).json
    own = f"/desk/notices/{right['notice_id']}"
    assert (await who.post(f"{own}/schedule", {}, etag=right["version"])).status == 200
    above, below = (await desk.anybody().get("/notices")).json["items"]
    assert above["amends"]["notice_id"] == below["notice_id"] == first["notice_id"]
    assert below["amended_by"]["notice_id"] == right["notice_id"]


async def test_a_correction_is_for_those_who_read_what_it_corrects(desk: Desk) -> None:
    original = await desk.published(audience="municipality")
    base = f"/desk/notices/{original['notice_id']}"
    draft = (await desk.secretariat().post(f"{base}/amendments")).json
    path = f"/desk/notices/{draft['notice_id']}"
    refused = await desk.secretariat().put(path, writing(audience="public"), etag=draft["version"])
    assert (refused.status, refused.code) == (422, "amendment-audience")


async def test_everybody_reads_what_is_for_them_and_nothing_else(desk: Desk) -> None:
    for audience in ("public", "members", "municipality", "provider"):
        await desk.published(title=audience, audience=audience)

    async def read_by(kind: OrganisationKind) -> set[str]:
        answer = await desk.member(kind, Role.VIEWER).get("/own/notices")
        return {item["title"] for item in answer.json["items"]}

    assert await desk.titles() == ["public"]
    assert await read_by(OrganisationKind.MUNICIPALITY) == {"public", "members", "municipality"}
    assert await read_by(OrganisationKind.PROVIDER) == {"public", "members", "provider"}
    assert len(await read_by(OrganisationKind.SECRETARIAT)) == 4
    closed = (await desk.published(audience="provider"))["notice_id"]
    assert (await desk.anybody().get(f"/notices/{closed}")).status == 404
    own = await desk.member(OrganisationKind.MUNICIPALITY).get(f"/own/notices/{closed}")
    assert own.status == 404


async def test_a_missing_language_is_shown_in_japanese_and_said(desk: Desk) -> None:
    english = {"en": {"title": "News", "body": "Text."}}
    shown = await desk.published(title="知らせ", texts=english)
    assert shown["missing_languages"] == ["easy"]
    read = await desk.anybody().get(f"/notices/{shown['notice_id']}?language=en")
    assert (read.json["title"], read.json["language"]) == ("News", "en")
    read = await desk.anybody().get(f"/notices/{shown['notice_id']}?language=easy")
    assert (read.json["title"], read.json["language"]) == ("知らせ", "ja")


async def test_a_withdrawn_notice_says_when_why_and_what_took_its_place(desk: Desk) -> None:
    wrong, right = await desk.published(title="まちがい"), await desk.published(title="正しい")
    body = {"reason": "日付を取り違えました。", "successor_id": right["notice_id"]}
    path = f"/desk/notices/{wrong['notice_id']}/withdraw"
    answer = await desk.secretariat().post(path, body, etag=wrong["version"])
    assert answer.json["state"] == "withdrawn"
    gone = await desk.anybody().get(f"/notices/{wrong['notice_id']}")
    assert (gone.status, gone.code) == (410, "notice-withdrawn")
    assert (gone.json["reason"], gone.json["successor_id"]) == (
        body["reason"],
        body["successor_id"],
    )
    assert await desk.titles() == ["正しい"]


async def test_mending_words_changes_the_site_and_keeps_what_stood_before(desk: Desk) -> None:
    shown = await desk.published(title="誤字")
    before = now()
    path = f"/desk/notices/{shown['notice_id']}"
    mended = await desk.secretariat().put(path, writing("正字"), etag=shown["version"])
    assert mended.status == 200
    assert await desk.titles() == ["正字"]
    at = before.isoformat().replace("+", "%2B")
    then = await desk.secretariat().get(f"/desk/site?at={at}")
    assert [item["title"] for item in then.json["notices"]] == ["誤字"]
    moved = await desk.secretariat().put(
        path, writing("正字", audience="members"), etag=mended.json["version"]
    )
    assert (moved.status, moved.code) == (422, "audience-fixed")


async def test_the_site_as_it_will_be_shows_what_is_scheduled(desk: Desk) -> None:
    day = timedelta(days=1)
    await desk.published({"take_down_at": (now() + day).isoformat()}, title="いま")
    await desk.published({"publish_at": (now() + 2 * day).isoformat()}, title="あさって")

    async def seen_in(days: float) -> list[str]:
        at = (now() + timedelta(days=days)).isoformat().replace("+", "%2B")
        answer = await desk.secretariat().get(f"/desk/site?at={at}")
        return [item["title"] for item in answer.json["notices"]]

    assert await seen_in(0) == ["いま"]
    assert await seen_in(1.5) == []
    assert await seen_in(2.5) == ["あさって"]
    future = await desk.anybody().get("/notices?as_of=2099-01-01")
    assert [item["title"] for item in future.json["items"]] == ["いま"]


async def test_a_clock_put_back_takes_nothing_down(desk: Desk) -> None:
    shown = await desk.published(title="もう出た")
    async with reading(desk.pool) as conn:
        earlier = showings.Moment(now() - timedelta(hours=3), present=True)
        rows = await showings.page(conn, showings.Wanted(earlier, ("public",)))
        assert [str(row["id"]) for row in rows] == [shown["notice_id"]]
        assert await notices.next_due(conn, now() - timedelta(hours=3)) is None


async def test_an_answer_is_not_kept_over_an_instant_at_which_something_is_due(desk: Desk) -> None:
    await desk.published()
    answer = await desk.anybody().get("/notices")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    await desk.published({"publish_at": (now() + timedelta(seconds=20)).isoformat()})
    answer = await desk.anybody().get("/notices")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"texts": {"ja": {"title": "<b>題</b>"}}}, ("texts.ja.title", "html_refused")),
        ({"texts": {"ja": {"title": "題\n二行目"}}}, ("texts.ja.title", "line_break")),
        (
            {"texts": {"ja": {"title": "題", "body": "<script>alert(1)</script>"}}},
            ("texts.ja.body", "html_refused"),
        ),
        (
            {"texts": {"ja": {"title": "題"}, "en": {"title": "x", "body": "< img src=x>"}}},
            ("texts.en.body", "html_refused"),
        ),
        (
            {"links": [{"kind": "outside", "target": "javascript:alert(1)", "label": "x"}]},
            ("links.0", "link_outside"),
        ),
        (
            {"links": [{"kind": "outside", "target": "https://u@evil.example/", "label": "x"}]},
            ("links.0", "link_outside"),
        ),
        (
            {"links": [{"kind": "page", "target": "//evil.example", "label": "x"}]},
            ("links.0", "link_page"),
        ),
        (
            {"links": [{"kind": "page", "target": "/a/../../b", "label": "x"}]},
            ("links.0", "link_page"),
        ),
        (
            {"links": [{"kind": "file", "target": "../../etc/passwd", "label": "x"}]},
            ("links.0", "link_file"),
        ),
        ({"category": "gossip"}, ("category", "enum")),
        ({"html": "x"}, ("html", "extra_forbidden")),
    ],
)
async def test_html_scripts_and_odd_links_are_refused_with_their_field(
    desk: Desk, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = await desk.secretariat().post("/desk/notices", writing() | change)
    assert answer.status == 422, answer.json
    assert wrong in answer.fields


async def test_only_editors_of_the_secretariat_write(desk: Desk) -> None:
    assert (await desk.anybody().post("/desk/notices", writing())).status == 401
    viewer = desk.secretariat(Role.VIEWER)
    assert (await viewer.post("/desk/notices", writing())).status == 403
    municipality = desk.member(OrganisationKind.MUNICIPALITY)
    assert (await municipality.post("/desk/notices", writing())).status == 403
    assert (await municipality.get("/desk/notices")).status == 403
