"""The public lists: as of a day, as known at an instant, searched, paged, downloaded."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import services.registry as registry
from chassis.clock import now, today
from chassis.sheets import guarded
from contracts.values import municipality_check_digit
from services.registry.model.items import ListName
from tests.registry.acts import registered
from tests.registry.asking import Asker, Desk
from tests.registry.forms import municipality_form


async def _names(asker: Asker, path: str) -> list[str]:
    return [item["name"] for item in (await asker.get(path)).json["items"]]


@pytest.mark.parametrize(
    "text",
    ["小松市", "石川県小松市", "コマツ", "こまつ", "ｺﾏﾂ", "172031", "１７２０３１", "コ マ ツ"],
)
async def test_a_municipality_is_found_by_name_reading_and_code_however_wide(
    full: Desk, text: str
) -> None:
    assert await _names(full.anybody(), f"/municipalities?q={text}") == ["小松市"]


@pytest.mark.parametrize("text", ["檮原", "ゆすはら"])
async def test_a_rare_character_is_found_in_the_list(full: Desk, text: str) -> None:
    assert await _names(full.anybody(), f"/municipalities?q={text}") == ["檮原町"]


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "\\", "(((", "[", "あ" * 100])
async def test_a_search_text_is_only_a_text(full: Desk, text: str) -> None:
    answer = await full.client.get("/api/v1/registry/municipalities", params={"q": text})
    assert answer.status == 200
    assert (await answer.json())["total"] == 0


async def test_a_list_is_read_page_by_page_without_gaps_or_repeats(full: Desk) -> None:
    seen: list[str] = []
    path = "/municipalities?limit=7"
    page = (await full.anybody().get(path)).json
    total = page["total"]
    while True:
        seen += [item["code"] for item in page["items"]]
        if page["next"] is None:
            break
        page = (await full.anybody().get(f"{path}&after={page['next']}")).json
        assert page["total"] == total
    assert len(seen) == total
    assert seen == sorted(set(seen))


async def test_filters_narrow_a_list(full: Desk) -> None:
    everything = (await full.anybody().get("/municipalities.json")).json["items"]
    hyogo = (await full.anybody().get("/municipalities.json?prefecture=28&kind=city")).json["items"]
    assert hyogo
    assert hyogo == [
        i for i in everything if i["prefecture_code"] == "28" and i["municipality_kind"] == "city"
    ]


async def test_a_day_shows_who_was_registered_on_it(full: Desk) -> None:
    asker = full.anybody()
    assert "小松市" not in await _names(asker, "/municipalities?as_of=2023-06-04&limit=100")
    assert "小松市" in await _names(asker, "/municipalities?as_of=2023-06-05&limit=100")


async def test_a_suspended_entry_is_out_of_the_list_until_it_is_resumed(full: Desk) -> None:
    asker = full.anybody()
    days = {"2023-04-02": 1, "2023-04-03": 0, "2023-07-02": 0, "2023-07-03": 1}
    for day, total in days.items():
        page = (await asker.get(f"/municipalities?q=454052&as_of={day}")).json
        assert page["total"] == total, day
    entry = (await asker.get("/municipalities/454052")).json
    assert [h["what"] for h in entry["history"]] == ["registered", "suspended", "resumed"]


async def test_a_renamed_provider_stands_under_the_name_of_the_day(full: Desk) -> None:
    asker = full.anybody()
    before = (await asker.get("/payment-services?q=aozora&as_of=2023-04-02")).json["items"]
    after = (await asker.get("/payment-services?q=aozora&as_of=2023-04-03")).json["items"]
    assert before[0]["provider_name"] == "あおぞらコイン株式会社"
    assert after[0]["provider_name"] == "あおぞら地域コイン株式会社"
    assert await _names(asker, "/providers?q=あおぞら&as_of=2023-04-02") == [
        "あおぞらコイン株式会社"
    ]


async def test_what_was_known_at_an_instant_stays_askable(desk: Desk) -> None:
    city = await registered(desk, municipality_form(), desk.inspect, on="2023-04-01")
    asker, before = desk.anybody(), now().isoformat().replace("+", "%2B")
    reviewer = desk.secretariat()
    path = f"/registrations/{city.organisation_id}"
    done = await reviewer.post(
        f"{path}/suspend",
        {"effective_on": "2023-05-01", "reason": "過去の日付で停止"},
        etag=await reviewer.version(path),
    )
    assert done.status == 200, done.content
    list_path = "/municipalities?as_of=2023-06-01"
    assert (await asker.get(list_path)).json["total"] == 0
    known = (await asker.get(f"{list_path}&known_at={before}")).json
    assert known["total"] == 1
    assert (await asker.get("/municipalities?as_of=2023-04-15")).json["total"] == 1
    entry = (await asker.get("/municipalities/172031?as_of=2023-06-01")).json
    assert entry["entry"] is None
    assert entry["state"] == "suspended"


async def test_a_registration_that_begins_later_is_listed_from_its_day(desk: Desk) -> None:
    later = (today() + timedelta(days=30)).isoformat()
    await registered(desk, municipality_form(), desk.inspect, on=later)
    assert (await desk.anybody().get("/municipalities")).json["total"] == 0
    assert (await desk.anybody().get(f"/municipalities?as_of={later}")).json["total"] == 1


async def test_an_unchanged_list_needs_no_second_body(full: Desk) -> None:
    first = await full.anybody().get("/municipalities?as_of=2023-11-30")
    again = await full.anybody().get(
        "/municipalities?as_of=2023-11-30", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status, again.content) == (304, b"")


@pytest.mark.parametrize("name", [n.value for n in ListName])
async def test_a_list_downloads_as_csv_xlsx_and_json_with_the_same_rows(
    full: Desk, name: str
) -> None:
    day = "as_of=2023-11-30"
    total = (await full.anybody().get(f"/{name}?{day}")).json["total"]
    comma = await full.anybody().get(f"/{name}.csv?{day}")
    sheet = await full.anybody().get(f"/{name}.xlsx?{day}")
    document = await full.anybody().get(f"/{name}.json?{day}")
    assert comma.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(comma.content.decode("utf-8-sig"))))
    cells: Any = openpyxl.load_workbook(io.BytesIO(sheet.content)).active
    assert total > 0
    assert len(rows) - 1 == total == document.json["total"] == len(document.json["items"])
    assert [[c or "" for c in row] for row in cells.iter_rows(values_only=True)] == rows
    for answer, ending in ((comma, "csv"), (sheet, "xlsx"), (document, "json")):
        expected = f'attachment; filename="{name}-2023-11-30.{ending}"'
        assert answer.headers["Content-Disposition"] == expected


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠A", " =1", "　=1"],
)
def test_a_cell_never_becomes_a_formula(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["小松市", "172031", "2023-11-30", "ー", "a=b", ""])
def test_an_ordinary_cell_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


async def test_the_counts_tell_the_length_of_every_list_and_its_course(full: Desk) -> None:
    counts = (await full.anybody().get("/counts?as_of=2023-11-30")).json
    by_name = {c["name"]: c for c in counts["lists"]}
    for name in ListName:
        page = (await full.anybody().get(f"/{name}?as_of=2023-11-30")).json
        assert by_name[name]["total"] == page["total"], name
    municipalities = by_name["municipalities"]
    assert sum(municipalities["by_kind"].values()) == municipalities["total"]
    assert len(municipalities["course"]) == 13
    assert municipalities["course"][-1] == {"on": "2023-11-30", "total": municipalities["total"]}
    earlier = (await full.anybody().get("/municipalities?as_of=2023-10-31")).json["total"]
    assert municipalities["a_month_before"] == earlier


async def test_the_directory_knows_every_body_and_its_check_digit(full: Desk) -> None:
    codes: list[str] = []
    path = "/municipality-codes?limit=1000"
    page = (await full.anybody().get(path)).json
    while page["items"]:
        codes += [item["code"] for item in page["items"]]
        if not page["next"]:
            break
        page = (await full.anybody().get(f"{path}&after={page['next']}")).json
    assert len(codes) == len(set(codes)) == 1788
    assert all(municipality_check_digit(code[:5]) == code[5] for code in codes)
    one = (await full.anybody().get("/municipality-codes/394050")).json
    assert (one["county"], one["name"], one["prefecture"]) == ("高岡郡", "檮原町", "高知県")
    found = (await full.anybody().get("/municipality-codes?q=梼原")).json["items"]
    assert [item["code"] for item in found] == ["394050"]


async def test_the_file_of_codes_and_the_database_say_the_same(full: Desk) -> None:
    file = Path(registry.__file__).parent / "data" / "municipalities.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    listed = (await full.anybody().get("/municipality-codes?limit=2000")).json["items"]
    fields = ("code", "kind", "name", "name_kana", "county", "prefecture_code", "prefecture")
    assert [{f: row[f] for f in fields} for row in rows] == listed
    kana = re.compile(r"^[ァ-ヴー]+$")
    assert all(kana.match(row["name_kana"]) for row in rows)
