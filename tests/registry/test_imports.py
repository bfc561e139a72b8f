"""A target list is handed in, read, confirmed and counts: the whole of it, once, whoever is killed when."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import CheckViolation, Pool, RaisedByTrigger, transaction
from chassis.ids import new_id
from contracts.event import Fact
from contracts.principal import Role
from contracts.registry import (
    ImportEnded,
    ImportRead,
    TargetListCompleted,
    TargetListPart,
    TargetListReplaced,
)
from contracts.values import EntryType, GrantType, OrganisationKind, Purpose
from services.registry.commands.imports import working
from services.registry.jobs import Importer
from services.registry.model.imports import measures
from services.registry.model.imports.progress import LEASE, MOST_ATTEMPTS
from services.registry.reader import Reader
from services.registry.reader.bounds import Bounds
from tests.registry.asking import Desk
from tests.registry.importing import (
    imported,
    measure_of,
    municipality_with_measure,
    read,
    sent,
    worked,
)
from tests.registry.spreadsheets import HEAD, bomb, csv_of, many, xlsx_of
from tests.rig.waiting import eventually

Inspect = Callable[[], Awaitable[None]]
FACTS = """
SELECT type, body FROM events WHERE kind = 'registry.target_list' ORDER BY seq
"""


async def lines(pool: Pool, measure_id: UUID) -> list[tuple[object, ...]]:
    """The lines that count."""
    rows = await pool.fetch(
        "SELECT number, amount_yen, children FROM targets JOIN target_lists l ON l.id = target_list_id"
        " WHERE measure_id = $1 AND replaced_at IS NULL ORDER BY number",
        measure_id,
    )
    return [tuple(row) for row in rows]


# ------------------------------------------------------------------ the way of a file


async def test_nothing_counts_before_somebody_says_so_and_then_everything_does(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    found = (
        await read(
            desk,
            editor,
            measure_id,
            csv_of(("K-2", "", ""), ("K-1", "500", 1)).replace(b"K-", b"K-00"),
        )
    ).json
    assert (found["state"], found["rows_read"], found["rows_faulty"]) == ("checked", 2, 0)
    assert await lines(desk.pool, measure_id) == []
    assert await desk.pool.fetch(FACTS) == []
    path = f"/imports/{found['import_id']}"
    answer = await editor.post(f"{path}/confirm", etag=found["version"])
    assert (answer.status, answer.json["state"]) == (200, "importing")
    await worked(desk)
    assert (await editor.get(path)).json["state"] == "imported"
    assert await lines(desk.pool, measure_id) == [("K-001", 500, 1), ("K-002", None, None)]


async def told(pool: Pool) -> list[Fact]:
    """What was said of imports, the first first."""
    rows = await pool.fetch(
        "SELECT type, body FROM events WHERE kind = 'registry.import' ORDER BY seq"
    )
    kinds = {kind.type: kind for kind in (ImportRead, ImportEnded)}
    return [kinds[row["type"]].model_validate_json(row["body"]) for row in rows]


async def test_whoever_waits_is_told_when_it_was_read_and_when_it_counts(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    await imported(desk, editor, measure_id, csv_of(("K-001", "500", "1"), ("K-002", "", "")))
    first, second = await told(desk.pool)
    assert isinstance(first, ImportRead) and isinstance(second, ImportEnded)
    assert (first.revision, first.rows, first.faulty, first.reason) == (1, 2, 0, None)
    assert (second.revision, second.rows, second.reason) == (2, 2, None)
    began = await desk.pool.fetchval("SELECT uploaded_by FROM imports")
    assert f"member/{first.member_id}" == f"member/{second.member_id}" == began
    assert first.measure_id == second.measure_id == UUID(str(measure_id))
    await read(desk, editor, measure_id, csv_of(("K-001", "x", "1")))
    assert [getattr(fact, "faulty", None) for fact in await told(desk.pool)] == [0, None, 1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
async def test_a_list_can_be_taken_out_and_handed_in_again(
    desk: Desk, inspected: Inspect, encoding: str
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    content = csv_of(("K-001", "500", "1"), ("K-002", "", ""), encoding=encoding)
    await imported(desk, editor, measure_id, content)
    taken = await editor.get(f"/target-lists/{measure_id}/targets.csv")
    assert taken.content == csv_of(("K-001", "500", "1"), ("K-002", "", ""), encoding="utf-8-sig")
    assert (await imported(desk, editor, measure_id, taken.content)).json["state"] == "imported"
    found = (await editor.get(f"/target-lists/{measure_id}")).json
    assert (found["current"]["version"], found["current"]["count"]) == (2, 2)
    assert [one["version"] for one in found["earlier"]] == [1]


async def test_what_is_said_of_a_list_is_the_list_in_pieces_and_that_it_is_whole(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    await imported(desk, editor, measure_id, many(2_001))
    await imported(desk, editor, measure_id, csv_of(("K-001", "", "")))
    said = await desk.pool.fetch(FACTS)
    kinds = [row["type"].split(".")[2] for row in said]
    assert kinds == ["part", "part", "part", "completed", "replaced", "part", "completed"]
    parts = [TargetListPart.model_validate_json(row["body"]) for row in said[:3]]
    assert [len(part.targets) for part in parts] == [1_000, 1_000, 1]
    assert len({t.number for part in parts for t in part.targets}) == 2_001
    whole = TargetListCompleted.model_validate_json(said[3]["body"])
    gone = TargetListReplaced.model_validate_json(said[4]["body"])
    assert (whole.count, whole.revision) == (2_001, 4)
    assert (gone.target_list_id, gone.revision) == (whole.target_list_id, 5)
    await asyncio.sleep(0)


async def test_a_faulty_row_keeps_all_others_from_counting_and_is_told(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    await imported(desk, editor, measure_id, csv_of(("K-001", "", "")))
    rows = [
        ("K-002", "5", "1"),
        ("K-003", "-5", "99"),
        ("123456789018", "", ""),
        ("=K-4", "x" * 99, ""),
    ]
    found = (await read(desk, editor, measure_id, csv_of(*rows))).json
    assert (found["state"], found["rows_read"], found["rows_faulty"]) == ("refused", 4, 3)
    path = f"/imports/{found['import_id']}"
    told = (await editor.get(f"{path}/errors?limit=2")).json
    rest = (await editor.get(f"{path}/errors?after={told['next']}")).json["items"]
    shown = [(e["row"], e["column"], e["code"]) for e in [*told["items"], *rest]]
    assert shown == [
        (3, "金額", "not_whole"),
        (3, "子どもの人数", "out_of_range"),
        (4, "対象者番号", "individual_number"),
        (5, "対象者番号", "formula"),
        (5, "金額", "not_whole"),
    ]
    assert len(rest[-1]["value"]) == 40
    answer = await editor.post(f"{path}/confirm", etag=found["version"])
    assert (answer.status, answer.code) == (409, "import-state")
    assert await lines(desk.pool, measure_id) == [("K-001", None, None)]
    assert await desk.pool.fetchval("SELECT count(*) FROM import_rows") == 0


async def test_faulty_rows_are_taken_out_alone_and_harmless(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    rows = [("K-002", "5", "1"), ("=cmd", "5", "1"), ("123456789018", "7", "", "beside")]
    found = (await read(desk, editor, measure_id, csv_of(*rows))).json
    answer = await editor.get(f"/imports/{found['import_id']}/faulty.csv")
    assert "9018" not in answer.content.decode()
    taken = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert taken[0] == ["行", *HEAD, "", "直すところ"]
    assert [row[:5] for row in taken[1:]] == [
        ["3", "'=cmd", "5", "1", ""],
        ["4", "（表示しません）", "7", "", "beside"],
    ]


async def test_a_file_as_a_whole_is_refused_with_its_reason(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    found = (await read(desk, editor, measure_id, bomb())).json
    assert (found["state"], found["reason"]["code"]) == ("refused", "workbook-too-large")
    assert await desk.pool.fetchval("SELECT count(*) FROM import_contents") == 0
    # The next one may come at once.
    assert (await sent(editor, measure_id, csv_of(("K-001", "", "")))).status == 201


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"%PDF-1.4", "file-unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook-old"),
    ],
)
async def test_what_is_no_table_is_refused_at_the_door(
    desk: Desk, inspected: Inspect, content: bytes, code: str
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    answer = await sent(editor, measure_id, content)
    assert (answer.status, answer.code) == (422, code)


async def test_one_file_at_a_time_and_given_up_leaves_nothing(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    found = (await read(desk, editor, measure_id, csv_of(("K-001", "", "")))).json
    answer = await sent(editor, measure_id, csv_of(("K-002", "", "")))
    assert (answer.status, answer.code) == (409, "import-open")
    path = f"/imports/{found['import_id']}"
    assert (await editor.post(f"{path}/cancel")).json["state"] == "cancelled"
    assert (await editor.post(f"{path}/cancel")).status == 409
    for table in ("import_rows", "import_contents", "import_errors", "import_faulty_rows"):
        assert await desk.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert (await sent(editor, measure_id, csv_of(("K-002", "", "")))).status == 201


async def test_an_old_screen_confirms_nothing(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    found = (await read(desk, editor, measure_id, csv_of(("K-001", "", "")))).json
    answer = await editor.post(f"/imports/{found['import_id']}/confirm", etag=found["version"] - 1)
    assert (answer.status, answer.code) == (412, "import-changed")


async def test_a_file_and_a_list_are_their_own_municipalitys_editors_alone(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    found = (await imported(desk, editor, measure_id, csv_of(("K-001", "", "")))).json
    other = await desk.applicant(OrganisationKind.MUNICIPALITY, code="172014", name="金沢市")
    viewer = desk.member(OrganisationKind.MUNICIPALITY, editor.organisation_id, Role.VIEWER)
    path = f"/imports/{found['import_id']}"
    for address in (path, f"{path}/errors", f"{path}/faulty.csv", f"/target-lists/{measure_id}"):
        assert (await other.get(address)).status == 404, address
        assert (await viewer.get(address)).status == 403, address
        assert (await desk.secretariat().get(address)).status == 403, address
    assert (await sent(other, measure_id, csv_of(("K-001", "", "")))).status == 404
    assert (await other.get("/imports")).json["items"] == []


# ------------------------------------------------------------------ copies, and copies that die


async def test_two_copies_share_the_work_and_each_file_is_read_once(
    desk: Desk, inspected: Inspect
) -> None:
    editor, first = await municipality_with_measure(desk, inspected)
    measures = [first, *[await measure_of(desk, editor) for _ in range(3)]]
    for measure_id in measures:
        await sent(editor, measure_id, many(1_500))
    await asyncio.gather(worked(desk), worked(desk))
    found = (await editor.get("/imports")).json["items"]
    assert [(one["state"], one["rows_read"]) for one in found] == [("checked", 1_500)] * 4
    assert await desk.pool.fetchval("SELECT max(attempt) FROM imports") == 1
    assert await desk.pool.fetchval("SELECT count(*) FROM import_rows") == 6_000


async def test_what_a_copy_that_died_was_reading_is_read_anew_by_another(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    import_id = (await sent(editor, measure_id, many(2_500))).json["import_id"]
    held = None
    async with transaction(desk.pool) as conn:
        held = await working.take_next(conn, new_id(), now())
    assert held is not None
    parts = Reader().read(held.kind, many(2_500))
    async with transaction(desk.pool) as conn:
        held = await working.keep_part(conn, held, await anext(parts), now())
    await parts.aclose()
    # It is dead now. Nobody takes it over while it might be alive …
    await worked(desk)
    assert (await editor.get(f"/imports/{import_id}")).json["rows_read"] == 1_000
    # … and somebody does afterwards; what the dead one had staged is not there twice.
    await desk.pool.execute("UPDATE imports SET lease_until = now() - $1::interval", LEASE)
    await worked(desk)
    found = (await editor.get(f"/imports/{import_id}")).json
    assert (found["state"], found["rows_read"]) == ("checked", 2_500)
    assert await desk.pool.fetchval("SELECT count(*) FROM import_rows") == 2_500
    # A copy that only seemed dead is told so.
    with pytest.raises(working.TakenOver):
        async with transaction(desk.pool) as conn:
            await working.finish_reading(conn, held, now())


async def test_a_list_comes_whole_though_a_copy_dies_while_it_brings_it_in(
    desk: Desk, inspected: Inspect
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    found = (await read(desk, editor, measure_id, many(1_200))).json
    path = f"/imports/{found['import_id']}"
    await editor.post(f"{path}/confirm", etag=found["version"])

    class Killed(Exception):
        pass

    async with transaction(desk.pool) as conn:
        held = await working.take_next(conn, new_id(), now())
    assert held is not None
    with pytest.raises(Killed):
        async with transaction(desk.pool) as conn:
            await working.bring_in(conn, held, now())
            raise Killed
    assert await lines(desk.pool, measure_id) == []
    assert await desk.pool.fetch(FACTS) == []
    await desk.pool.execute("UPDATE imports SET lease_until = now() - $1::interval", LEASE)
    await asyncio.gather(worked(desk), worked(desk))
    assert (await editor.get(path)).json["state"] == "imported"
    assert len(await lines(desk.pool, measure_id)) == 1_200
    assert len(await desk.pool.fetch(FACTS)) == 3


async def test_a_file_that_kills_its_reader_is_given_up_in_the_end(
    desk: Desk, inspected: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    import_id = (await sent(editor, measure_id, many(10))).json["import_id"]
    # A process that cannot even begin, as where the machine has no memory left.
    monkeypatch.setattr("sys.executable", "/bin/false")
    importer = Importer(desk.pool, Reader())
    turns = 0
    while await importer.turn():
        turns += 1
    found = (await editor.get(f"/imports/{import_id}")).json
    assert (found["state"], found["reason"]["code"]) == ("failed", "import-gave-up")
    assert turns == MOST_ATTEMPTS + 1


async def test_a_file_that_takes_too_much_is_refused(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    import_id = (await sent(editor, measure_id, many(150_000))).json["import_id"]
    await worked(desk, Reader(Bounds(seconds=1)))
    found = (await editor.get(f"/imports/{import_id}")).json
    assert (found["state"], found["reason"]["code"]) == ("refused", "file-too-heavy")
    assert await desk.pool.fetchval("SELECT count(*) FROM import_rows") == 0


async def test_giving_up_stops_the_reading(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    import_id = (await sent(editor, measure_id, many(20_000))).json["import_id"]
    reading = asyncio.create_task(worked(desk))
    path = f"/imports/{import_id}"

    async def begun() -> bool:
        return bool((await editor.get(path)).json["rows_read"])

    await eventually(begun)
    assert (await editor.post(f"{path}/cancel")).status == 200
    await reading
    assert (await editor.get(path)).json["state"] == "cancelled"
    assert await desk.pool.fetchval("SELECT count(*) FROM import_rows") == 0


async def test_what_nobody_needs_any_more_is_forgotten(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    refused = (await read(desk, editor, measure_id, csv_of(("?", "", "")))).json
    waiting = (await read(desk, editor, measure_id, csv_of(("K-001", "", "")))).json
    for days, left in ((13, 1), (31, 0)):
        async with transaction(desk.pool) as conn:
            await working.forget(conn, now() + timedelta(days=days))
        assert await desk.pool.fetchval("SELECT count(*) FROM import_rows") == left
    assert await desk.pool.fetchval("SELECT count(*) FROM import_errors") == 0
    states = [
        (await editor.get(f"/imports/{i['import_id']}")).json["state"] for i in (refused, waiting)
    ]
    assert states == ["refused", "cancelled"]


# ------------------------------------------------------------------ what the database holds by itself


async def _refused_by_the_database(pool: Pool, statement: str, *arguments: object) -> None:
    with pytest.raises((CheckViolation, RaisedByTrigger, Exception)) as why:
        await pool.execute(statement, *arguments)
    assert getattr(why.value, "sqlstate", "") in ("23514", "42501"), why.value


async def test_a_list_that_counts_cannot_be_changed(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    await imported(desk, editor, measure_id, csv_of(("K-001", "", "")))
    for statement in (
        "UPDATE targets SET amount_yen = 1",
        "DELETE FROM targets",
        "UPDATE target_lists SET count = 2",
        "DELETE FROM target_lists",
        "INSERT INTO targets (target_list_id, number) SELECT id, 'K-999' FROM target_lists",
        "INSERT INTO targets (target_list_id, number) VALUES (gen_random_uuid(), 'K-999')",
        "UPDATE imports SET state = 'uploaded'",
        "UPDATE imports SET state = 'checked'",
    ):
        await _refused_by_the_database(desk.pool, statement)


async def test_a_workbook_counts_like_a_text(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    await imported(
        desk, editor, measure_id, xlsx_of([HEAD, ("K-001", 5000, 2), (12345, None, "3人")])
    )
    assert await lines(desk.pool, measure_id) == [("12345", None, 3), ("K-001", 5000, 2)]


async def test_a_list_for_a_measure_that_is_over_is_refused(desk: Desk, inspected: Inspect) -> None:
    editor, measure_id = await municipality_with_measure(desk, inspected)
    found = (await read(desk, editor, measure_id, csv_of(("K-001", "", "")))).json
    path = f"/imports/{found['import_id']}"
    await editor.post(f"{path}/confirm", etag=found["version"])
    await desk.pool.execute("UPDATE measures SET state = 'cancelled' WHERE id = $1", measure_id)
    await worked(desk)
    found = (await editor.get(path)).json
    assert (found["state"], found["reason"]["code"]) == ("failed", "measure-over")
    assert await lines(desk.pool, measure_id) == []
    assert (await sent(editor, measure_id, csv_of(("K-002", "", "")))).code == "measure-over"


# ------------------------------------------------------------------ measures


async def test_measures_from_a_file_are_drafts_of_whoever_confirmed_them(
    desk: Desk, inspected: Inspect
) -> None:
    editor, _ = await municipality_with_measure(desk, inspected)
    head = ["施策名", "年度", "目的", "申込みの型", "付与の方法", "金額", "予算", "申込みの開始日"]
    row = [
        "子育て応援",
        "2026",
        "子育て",
        "ポイント申請型",
        "決まった額",
        "5,000円",
        1_000_000,
        "令和8年12月1日",
    ]
    answer = await editor.ask(
        "POST",
        "/imports?kind=measures&name=measures.xlsx",
        data=xlsx_of([head, row, ["お店の応援", *[None] * 7]]),
        headers={"Content-Type": "application/octet-stream"},
    )
    await worked(desk)
    path = f"/imports/{answer.json['import_id']}"
    found = (await editor.get(path)).json
    assert (found["state"], found["rows_read"]) == ("checked", 2)
    assert len((await editor.get("/own-measures")).json["items"]) == 1
    await editor.post(f"{path}/confirm", etag=found["version"])
    await worked(desk)
    listed = (await editor.get("/own-measures")).json["items"]
    titles = {item["title"]: item["measure_id"] for item in listed}
    assert {"子育て応援", "お店の応援"} <= set(titles)
    form = (await editor.get(f"/own-measures/{titles['子育て応援']}")).json["form"]
    assert form["basics"] == {
        "fiscal_year": "2026",
        "purpose": "child_rearing",
        "entry_type": "point_application",
    }
    assert (form["amount"]["amount_yen"], form["amount"]["budget_yen"]) == ("5000", "1000000")
    assert form["dates"]["apply_from_on"] == "2026-12-01"


async def test_one_faulty_measure_keeps_all_from_beginning(desk: Desk, inspected: Inspect) -> None:
    editor, _ = await municipality_with_measure(desk, inspected)
    text = (
        "施策の名前,目的,金額,申込みの開始日\n子育て応援,子育て,5000,2026-12-01\n"
        + "長" * 61
        + ",趣味,-1,32日\n"
    )
    answer = await editor.ask(
        "POST",
        "/imports?kind=measures",
        data=text.encode("cp932"),
        headers={"Content-Type": "text/csv"},
    )
    await worked(desk)
    told = (await editor.get(f"/imports/{answer.json['import_id']}/errors")).json["items"]
    assert [(e["row"], e["column"], e["code"]) for e in told] == [
        (3, "施策の名前", "text_long"),
        (3, "目的", "unknown_word"),
        (3, "金額", "not_whole"),
        (3, "申込みの開始日", "day_shape"),
    ]
    assert len((await editor.get("/own-measures")).json["items"]) == 1


def test_words_of_a_file_of_measures_are_codes_of_the_register() -> None:
    known = {*Purpose, *EntryType, *GrantType}
    for words in (measures._PURPOSES, measures._ENTRY_TYPES, measures._GRANT_TYPES):
        assert set(words.values()) <= known
    assert [*measures._PURPOSES.values()] == [*Purpose]
