"""An account under another name gets nothing; names are one however people write them, and are told to nobody else."""

from base64 import b64encode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from services.benefits.model.holder import reading, same_reading
from services.benefits.model.link import Checked, advice
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from services.benefits.outside.wire import SIGNATURE
from tests.benefits.orders.granting import SIMULATOR, Simulator, Town

#: What the card of a test says, and what nobody but the provider may read.
_NAME, _READING = "コマツ ハナコ", "コマツハナコ"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("コマツ ハナコ", "ｺﾏﾂ ﾊﾅｺ"),
        ("コマツ　ハナコ", "こまつ はなこ"),
        ("キヤツチ ジヨウ", "キャッチ ジョー"),
        ("サトウ ユウコ", "サトー ユーコ"),
        ("オオノ ヨウコ", "オーノ ヨーコ"),
        ("オオノ ヨオコ", "オーノ ヨ-コ"),
        ("イノウエ ケイコ", "ｲﾉｳｴ ｹｰｺ"),
        ("ヴィクトル・ユゴー", "ｳﾞｲｸﾄﾙﾕｺﾞｵ"),
        ("ガク", "カ゛ク"),
        ("パク", "ﾊﾟｸ"),
        ("ミツヅカ", "ミツズカ"),
        ("カヲル", "カオル"),
        ("ＳＭＩＴＨ　Ｊｏｈｎ", "Smith John"),
    ],
)
def test_one_name_is_one_however_it_is_written(ours: str, theirs: str) -> None:
    assert same_reading(ours, theirs) and same_reading(theirs, ours)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("オノ", "オオノ"),
        ("オノ", "オーノ"),
        ("コマツ ハナコ", "コマツ ハナエ"),
        ("カキ", "ガキ"),
        ("ユーコ", "ユアコ"),
        ("ハナコ", "ハナコー"),
        ("コマツ", "コマツ ハナコ"),
        ("ー", "ア"),
        ("", ""),
        (" ", "　"),
    ],
)
def test_two_names_are_two(ours: str, theirs: str) -> None:
    assert not same_reading(ours, theirs) and not same_reading(theirs, ours)


@given(st.text(alphabet="アァカガキギッツヤャーユヲンヴ", min_size=1, max_size=12), st.data())
def test_width_kind_and_blanks_of_kana_never_matter(name: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from(_ways(kana))) for kana in name)
    assert reading(written) == reading(name) == reading(reading(name))
    assert same_reading(written, name)


def _ways(kana: str) -> list[str]:
    hiragana = chr(ord(kana) - 0x60) if "ァ" <= kana <= "ヶ" else kana
    return [kana, hiragana, f" {kana}", f"{kana}　"]


async def _asked(town: Town, account: str) -> Order:
    order = await town.allocated(account=account)
    async with town.providers() as providers:
        await town.clerk(providers).turn()
    return await town.order(order.id)


async def _link(town: Town) -> tuple[str, str | None, str]:
    row = await town.pool.fetchrow("SELECT checked, refusal FROM linked_accounts")
    said = await town.pool.fetchval("SELECT answer FROM order_attempts WHERE act = 'check'")
    assert row is not None
    return row["checked"], row["refusal"], str(said)


@pytest.mark.parametrize(
    ("kept", "said", "checked"),
    [
        ("ｺﾏﾂ ﾊﾅｺ", "ok, holder match", Checked.OK),
        ("", "ok, holder cannot_say", Checked.OK),
        ("ベツノ ナマエ", "name_mismatch, holder no_match", Checked.REFUSED),
    ],
)
async def test_an_order_goes_only_where_no_other_name_stands(
    town: Town, simulator: Simulator, kept: str, said: str, checked: Checked
) -> None:
    simulator.books.holders["hp-0001"] = kept
    await town.push_to(simulator.url, checks=True)
    order = await _asked(town, "hp-0001")
    refusal = "NAME_MISMATCH" if checked is Checked.REFUSED else None
    assert await _link(town) == (checked, refusal, said)
    ended = OrderState.CANCELLED if refusal else OrderState.QUEUED
    assert (order.state, order.rejection) == (ended, refusal)
    assert refusal is None or "お名前" in str(advice(refusal))
    assert await town.broken() == {}


async def test_the_name_goes_to_the_provider_and_stays_nowhere(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[dict[str, str]] = []

    async def echo(request: web.Request) -> web.Response:
        """A provider that answers with the question, first unsigned, then signed and unreadable, then with an error."""
        heard.append(await request.json())
        said = await request.read()
        seal = b64encode(SIMULATOR.sign(said)).decode() if len(heard) == 2 else ""
        status = 500 if len(heard) == 3 else 200
        return web.Response(body=said, status=status, headers={SIGNATURE: seal})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", echo)
    async with TestServer(app) as server:
        await town.push_to(str(server.make_url("/")), checks=True)
        await _asked(town, "hp-0001")
        async with town.providers() as providers:
            for _ in range(2):
                town.clock.pass_by(minutes=2)
                await town.clerk(providers).turn()
    assert [one["holder_kana"] for one in heard] == [_READING] * 3
    kept = await town.pool.fetch(
        "SELECT convert_from(request, 'UTF8') AS r, answer FROM order_attempts"
    )
    cases = await town.pool.fetch("SELECT to_jsonb(c)::text FROM cases c")
    events = await town.pool.fetch("SELECT convert_from(body, 'UTF8') FROM events")
    told = str([tuple(row) for row in (*kept, *cases, *events)]) + str(capsys.readouterr())
    assert len(kept) == 3 and await town.cases() == ["odd_answer"]
    assert _READING not in told and _NAME not in told
