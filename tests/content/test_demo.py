"""The site of the demo: every notice, document and handout of the first year, on its day."""

from collections import Counter

import feedparser
import jsonschema

from tests.content.asking import Desk

#: What was not about maintenance, by day and category; the rest are windows and come from scheduling.
_SEEN = {
    ("2022-09-12", "programme"),
    ("2022-09-16", "session"),
    ("2022-09-26", "list"),
    ("2022-09-30", "session"),
    ("2022-10-31", "list"),
    ("2022-12-20", "programme"),
    ("2023-01-17", "programme"),
    ("2023-04-12", "document"),
    ("2023-05-18", "list"),
    ("2023-06-12", "session"),
}
#: Versions that came out without a word.
_SILENT = ("2022-09-13", "2023-05-26", "2023-09-07")
_VERSIONS = {
    "municipality-guideline": ["2023-04-12"],
    "provider-guideline": ["2023-05-26", "2023-04-12"],
    "grant-guideline": ["2023-09-07", "2023-04-12"],
    "prescribed-forms": ["2022-09-13"],
}
_ADDRESS = {"type": "string", "pattern": r"^https?://[^\s<>]+$"}
_WORDS = {"type": "string", "minLength": 1}
_AUTHORS = {
    "type": "array",
    "items": {
        "type": "object",
        "minProperties": 1,
        "properties": {"name": _WORDS, "url": _ADDRESS, "avatar": _ADDRESS},
        "additionalProperties": False,
    },
}
#: What JSON Feed 1.1 asks for, without names of its first version.
_JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items", "feed_url", "home_page_url"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": _WORDS,
        "home_page_url": _ADDRESS,
        "feed_url": _ADDRESS,
        "language": {"type": "string", "pattern": "^[a-z]{2}(-[A-Z]{2})?$"},
        "authors": _AUTHORS,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "url", "date_published"],
                "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
                "properties": {
                    "id": _WORDS,
                    "url": _ADDRESS,
                    "title": _WORDS,
                    "content_text": _WORDS,
                    "date_published": {"type": "string", "format": "date-time"},
                    "date_modified": {"type": "string", "format": "date-time"},
                    "tags": {"type": "array", "items": _WORDS, "uniqueItems": True},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


async def test_every_notice_of_the_first_year_stands_on_its_day(full: Desk) -> None:
    answer = (await full.anybody().get("/notices?limit=100")).json
    seen = Counter((item["published_on"], item["category"]) for item in answer["items"])
    assert seen == Counter([*_SEEN, *((day, "document") for day in _SILENT)])
    assert all(item["languages"] == ["ja", "easy", "en"] for item in answer["items"])


async def test_versions_that_had_no_news_have_their_notice_now(full: Desk) -> None:
    answer = (await full.anybody().get("/notices?category=document&limit=100")).json
    days = {item["published_on"] for item in answer["items"]}
    assert days == {"2023-04-12", *_SILENT}


async def test_the_four_documents_have_their_versions_and_files(full: Desk) -> None:
    shelf = (await full.anybody().get("/documents")).json["items"]
    assert [item["slug"] for item in shelf] == list(_VERSIONS)
    for item in shelf:
        shown = (await full.anybody().get(f"/documents/{item['slug']}")).json
        assert [v["name"] for v in shown["versions"]] == _VERSIONS[item["slug"]]
        [file] = shown["files"]
        got = await full.anybody().get(f"/files/{file['file_id']}")
        assert (got.status, len(got.content)) == (200, file["size"])


async def test_the_site_of_a_day_shows_what_stood_then(full: Desk) -> None:
    before = (await full.anybody().get("/documents?as_of=2023-05-25")).json["items"]
    assert {d["slug"]: d["name"] for d in before} == {
        "municipality-guideline": "2023-04-12",
        "provider-guideline": "2023-04-12",
        "grant-guideline": "2023-04-12",
        "prescribed-forms": "2022-09-13",
    }
    then = (await full.anybody().get("/notices?as_of=2023-11-30&limit=1")).json
    new = (await full.anybody().get("/notices?as_of=2022-09-20")).json["items"]
    assert then["total"] == 13
    assert [item["is_new"] for item in new] == [True] * 3
    at = "2023-11-30T12:00:00%2B09:00"
    site = (await full.secretariat().get(f"/desk/site?at={at}")).json
    assert (site["total"], len(site["documents"]["items"]), len(site["materials"])) == (13, 4, 1)


async def test_what_was_known_earlier_is_another_question(full: Desk) -> None:
    asked = "?as_of=2023-11-30&known_at=2023-01-01T00:00:00Z&limit=100"
    known = (await full.anybody().get(f"/notices{asked}")).json["items"]
    assert max(item["published_on"] for item in known) == "2022-12-20"


async def test_the_atom_feed_is_read_by_a_parser_of_others(full: Desk) -> None:
    answer = await full.anybody().get("/feeds/all.atom")
    read = feedparser.parse(answer.content)
    assert (read.bozo, read.version) == (False, "atom10")
    assert len(read.entries) == 13
    assert len({entry.id for entry in read.entries}) == 13
    assert read.entries[0].link.startswith("http://portal.example/notices/")
    some = feedparser.parse((await full.anybody().get("/feeds/list.atom")).content)
    assert {entry.tags[0].term for entry in some.entries} == {"list"}


async def test_the_json_feed_is_one(full: Desk) -> None:
    answer = await full.anybody().get("/feeds/all.json")
    rules = jsonschema.Draft202012Validator(
        _JSON_FEED, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    rules.validate(answer.json)
    assert not rules.is_valid({**answer.json, "items": [{"id": "1", "date_published": "today"}]})
    assert len({item["id"] for item in answer.json["items"]}) == 13
    assert (await full.anybody().get("/feeds/gossip.json")).status == 404


async def test_a_feed_holds_what_people_typed_and_nothing_of_its_own(desk: Desk) -> None:
    await desk.published(title="A & B > C", body="5 > 3 & 2 < 4")
    read = feedparser.parse((await desk.anybody().get("/feeds/all.atom")).content)
    assert read.bozo is False
    assert (read.entries[0].title, read.entries[0].content[0].value) == (
        "A & B > C",
        "5 > 3 & 2 < 4",
    )


async def test_the_map_of_the_site_names_every_page(full: Desk) -> None:
    found = (await full.anybody().get("/sitemap")).json
    paths = {page["path"] for page in found["pages"]}
    assert len([path for path in paths if path.startswith("/notices/")]) == 13
    assert {f"/documents/{slug}" for slug in _VERSIONS} <= paths


async def test_pages_of_the_list_join_without_gap_or_overlap(full: Desk) -> None:
    seen: list[str] = []
    after = ""
    while True:
        answer = (await full.anybody().get(f"/notices?limit=4{after}")).json
        seen += [item["notice_id"] for item in answer["items"]]
        if not answer["next"]:
            break
        after = f"&after={answer['next']}"
    assert len(seen) == len(set(seen)) == 13
