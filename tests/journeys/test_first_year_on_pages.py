"""Everything of the programme's first year, on the pages a visitor opens, today and as of a day of then."""

import re
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
import pytest

from gateway.portal.words import edition
from tests.rig.clerk import Clerk
from tests.rig.stack import Stack
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_OWN, _CLOUDSIGN = "申込みの受付の保守を行います", "契約サービス（クラウドサイン）の保守を行います"
#: Each notice by its day, in our words.
_NOTICES = Counter(
    {
        ("2022年9月12日", "自治体・決済事業者の方のための入口を開きました"): 1,
        ("2022年9月16日", "決済事業者の方への説明会の資料を載せました"): 1,
        ("2022年9月26日", "登録された自治体等と決済事業者の一覧を公開しました"): 1,
        ("2022年9月30日", "全国説明会の録画を公開しました"): 1,
        ("2022年10月31日", "自治体等と決済事業者のマッチングの一覧を公開しました"): 1,
        ("2022年11月15日", _CLOUDSIGN): 1,
        ("2022年12月16日", _OWN): 1,
        ("2022年12月20日", "年末年始の窓口と手続きの予定"): 1,
        ("2023年1月17日", "施策をさがせるようになりました"): 1,
        ("2023年2月10日", _CLOUDSIGN): 1,
        ("2023年2月10日", _OWN): 1,
        ("2023年3月3日", _CLOUDSIGN): 1,
        ("2023年4月12日", "自治体等登録要領・事業者登録要領・付与要領を公開しました"): 1,
        ("2023年5月8日", _CLOUDSIGN): 1,
        ("2023年5月18日", "令和5年度に参画する決済事業者の一覧を公開しました"): 1,
        ("2023年6月5日", _CLOUDSIGN): 1,
        ("2023年6月6日", "契約サービス（クラウドサイン）の保守の日程を変更します"): 1,
        ("2023年6月12日", "第3回自治体DX展の特設ページを公開しました"): 1,
        ("2023年7月10日", _CLOUDSIGN): 1,
        ("2023年7月10日", _OWN): 1,
        ("2023年8月10日", _CLOUDSIGN): 1,
        ("2023年9月7日", _CLOUDSIGN): 1,
        ("2023年10月16日", _CLOUDSIGN): 1,
    }
)
#: Versions that came out without a word; here each makes its notice.
_OF_VERSIONS = Counter(
    {
        ("2022年9月13日", "規定様式を公開しました（2022年9月13日版）"): 1,
        ("2023年5月26日", "事業者登録要領を改めました（2023年5月26日版）"): 1,
        ("2023年9月7日", "付与要領を改めました（2023年9月7日版）"): 1,
    }
)
_DOCUMENTS = {
    "自治体等登録要領": "2023-04-12",
    "事業者登録要領": "2023-05-26",
    "付与要領": "2023-09-07",
    "規定様式": "2022-09-13",
}
_GROUP, _SDK = "実務検討会", "SDK分科会"
_TOWNS, _PROVIDERS = "自治体向け説明会", "決済事業者向け説明会"
_DX = ("イベント", "令和5年度", "第3回 自治体DX展", "2023年6月28日（水）から6月30日（金）まで")
#: Each meeting by series, fiscal year, name and when; the last of them was still to come.
_NEXT = (_GROUP, "令和5年度", "第4回 実務検討会", "2023年12月14日（木）")
_HELD = Counter(
    [
        (_TOWNS, "令和5年度", _TOWNS, "2023年6月"),
        (_TOWNS, "令和5年度", _TOWNS, "2023年3月"),
        (_TOWNS, "令和4年度", _TOWNS, "2022年8月"),
        (_PROVIDERS, "令和4年度", _PROVIDERS, "2023年1月25日（水）"),
        (_PROVIDERS, "令和4年度", _PROVIDERS, "2022年9月16日（金）"),
        (_GROUP, "令和5年度", "第1回 実務検討会", "2023年5月12日（金）"),
        (_GROUP, "令和5年度", "第2回 実務検討会", "2023年8月4日（金）"),
        (_GROUP, "令和5年度", "第3回 実務検討会", "2023年9月21日（木）"),
        (_GROUP, "令和4年度", "第1回 実務検討会", "2022年10月14日（金）"),
        (_GROUP, "令和4年度", "第2回 実務検討会", "2022年11月25日（金）"),
        (_GROUP, "令和4年度", "第3回 実務検討会", "2022年12月21日（水）"),
        (_GROUP, "令和4年度", "第4回 実務検討会", "2023年2月3日（金）"),
        (_GROUP, "令和4年度", "第5回 実務検討会", "2023年3月10日（金）"),
        (_SDK, "令和4年度", "第1回 SDK分科会", "2022年7月15日（金）"),
        (_SDK, "令和4年度", "第2回 SDK分科会", "2022年10月7日（金）"),
        (_SDK, "令和4年度", "第3回 SDK分科会", "2023年1月27日（金）"),
        _DX,
    ]
)
_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
_MEETING = re.compile(
    rf"({_TOWNS}|{_PROVIDERS}|{_GROUP}|{_SDK}|イベント)・(令和\d年度).*?日時(\S+?)場所", re.S
)
_THEN = "?as_of=2023-11-30"


@pytest.fixture(autouse=True)
async def visitor(stack: Stack, http: aiohttp.ClientSession) -> AsyncIterator[Clerk]:
    """Somebody who comes when everything is there: the notices of windows come a moment after the windows."""
    visitor = Clerk(stack.url, http)

    async def all_there() -> bool:
        rows = await _leading(visitor, f"/notices{_THEN}", "/notices/")
        return len({to for _, to in rows}) >= (_NOTICES + _OF_VERSIONS).total()

    await eventually(all_there)
    yield visitor


async def _leading(visitor: Clerk, path: str, below: str) -> list[tuple[str, str]]:
    """The links of a list that lead below an address, over all of its pages: their words and where they lead."""
    found: list[tuple[str, str]] = []
    await visitor.open(path)
    while True:
        assert visitor.status == 200, path
        one = re.compile(below + r"[0-9a-f-]{36}(\?|$)")
        found += [(words, to) for words, to in visitor.at.links if one.match(to)]
        if "続きを見る" not in [words for words, _ in visitor.at.links]:
            return found
        await visitor.follow("続きを見る")


async def _notices(visitor: Clerk, *lists: str) -> Counter[tuple[str, str]]:
    """Each notice of these lists by the day and the title its own page bears."""
    read: Counter[tuple[str, str]] = Counter()
    # A correction stands in the row of its original, too.
    for to in {to for path in lists for _, to in await _leading(visitor, path, "/notices/")}:
        await visitor.open(to)
        visitor.expect(200, "")
        days = _DAY.findall(visitor.at.words)
        # On the page of a day that day is said first.
        read[days[1 if "as_of" in to else 0], visitor.at.h1] += 1
    return read


async def _meetings(visitor: Clerk, path: str) -> list[tuple[tuple[str, ...], str]]:
    """Each session a list leads to, by what its own page says of it, with all words of that page."""
    read: list[tuple[tuple[str, ...], str]] = []
    for words, to in await _leading(visitor, path, "/sessions/"):
        await visitor.open(to)
        visitor.expect(200, words)
        seen = _MEETING.search(visitor.at.words)
        assert seen, visitor.at.words
        read.append(((seen[1], seen[2], words, seen[3]), visitor.at.words))
    return read


async def test_each_notice_of_the_first_year_is_in_the_list_and_on_its_own_page(
    visitor: Clerk,
) -> None:
    read = await _notices(visitor, "/notices?year=2022", "/notices?year=2023")
    assert read == _NOTICES + _OF_VERSIONS


async def test_each_meeting_document_and_event_is_found_where_a_visitor_looks(
    visitor: Clerk,
) -> None:
    read = await _meetings(visitor, "/sessions")
    held = Counter(what for what, words in read if "開催済み" in words)
    assert held == _HELD + Counter([_NEXT])
    [event] = [words for what, words in read if what == _DX]
    assert "東京ビッグサイト" in event and "当日配布した資料" in event
    await visitor.open("/documents")
    shelf = visitor.at
    for title, version in _DOCUMENTS.items():
        await visitor.open(shelf.link(title))
        assert f"{edition(version)}版" in visitor.expect(200, title).words
    files = [(words, to) for words, to in shelf.links if to.startswith("/files/")]
    handed_out = [words for words, _ in files if words.startswith("第3回自治体DX展")]
    assert (len(files), len(handed_out)) == (5, 1)
    for _, to in files:
        async with visitor.http.get(visitor.url + to) as answer:
            assert (answer.status, (await answer.read())[:2]) in ((200, b"%P"), (200, b"PK"))


async def test_the_site_as_of_a_day_shows_what_stood_then_and_nothing_later(
    visitor: Clerk,
) -> None:
    assert await _notices(visitor, f"/notices{_THEN}") == _NOTICES + _OF_VERSIONS
    read = await _meetings(visitor, f"/sessions{_THEN}")
    assert Counter(what for what, words in read if "開催済み" in words) == _HELD
    assert [what for what, words in read if "開催済み" not in words] == [_NEXT]
    await visitor.open(f"/documents{_THEN}")
    shelf = {words: to for words, to in visitor.at.links if to.startswith("/documents/")}
    assert set(shelf) == set(_DOCUMENTS)
    for title, to in shelf.items():
        await visitor.open(to)
        assert f"{edition(_DOCUMENTS[title])}版" in visitor.expect(200, title).words
    await visitor.open("/documents/grant-guideline?as_of=2023-09-06")
    assert "2023年4月12日版" in visitor.expect(200, "付与要領").words
    await visitor.open(f"/{_THEN}")
    first = [to for _, to in visitor.at.links if to.startswith(("/notices/", "/sessions/"))]
    assert len([to for to in first if "/notices/" in to]) == 5
    assert len([to for to in first if "/sessions/" in to]) == 1 + _HELD.total()
    assert all(to.endswith(_THEN) for to in first)


async def test_the_secretariat_looks_at_the_site_of_an_instant_of_that_day(
    stack: Stack, http: aiohttp.ClientSession, desk: Visitor
) -> None:
    office = Clerk(stack.url, http, desk.cookies)
    await office.open("/secretariat/site?at=2023-11-30T18:00&eyes=public")
    links = office.expect(200, "この日時のサイト").links
    below = Counter(to.split("/")[1] for _, to in links if re.search(r"/[0-9a-f-]{36}$", to))
    assert below["sessions"] == _HELD.total() + 1
    notices = {to for _, to in links if to.startswith("/notices/")}
    assert len(notices) == (_NOTICES + _OF_VERSIONS).total()
    versions = {words for words, to in links if "/versions/" in to}
    assert versions == set(_DOCUMENTS)
    await office.open("/secretariat/site?at=2023-11-30T09:59&eyes=public")
    assert "12月14日" not in office.expect(200, "この日時のサイト").words
