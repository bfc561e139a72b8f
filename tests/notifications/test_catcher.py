"""The catcher keeps mails, shows them safely, and sends some back."""

import urllib.request
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from services.notifications.catcher.door import part_of
from services.notifications.catcher.shelf import Shelf
from services.notifications.outside import Mail
from tests.notifications.rooms import Catcher
from tests.rig.waiting import eventually


def mail(to: str, text: str = "本文", subject: str = "【マチポ】ためし") -> Mail:
    return Mail(uuid4(), "佐藤 花子", to, subject, text, "<p>")


async def leave() -> bool:
    return True


async def test_mails_are_still_there_after_a_restart(own_catcher: Callable[..., Catcher]) -> None:
    catcher = own_catcher()
    await catcher.post().carry(mail("hanako@aoba.example"), leave)
    catcher.stop()
    catcher.start()
    assert [m["subject"] for m in catcher.mails("hanako@aoba.example")] == ["【マチポ】ためし"]


async def test_links_can_be_followed_and_nothing_else_is_alive(catcher: Catcher) -> None:
    to = f"page+{uuid4().hex}@aoba.example"
    text = "<script>alert(1)</script>\nhttp://portal.example/a?b=1&c=2\n"
    await catcher.post().carry(mail(to, text, "<i>件名</i>"), leave)
    [caught] = catcher.mails(to)
    assert caught["links"] == ["http://portal.example/a?b=1&c=2"]
    page = catcher.get(f"/mails/{caught['id']}")
    assert '<a href="http://portal.example/a?b=1&amp;c=2"' in page
    assert "<script" not in page and "<i>" not in page
    assert "&lt;i&gt;件名&lt;/i&gt;" in catcher.get("/")


async def test_a_program_asks_for_what_came_after_a_mail_it_knows(catcher: Catcher) -> None:
    to = f"after+{uuid4().hex}@aoba.example"
    for number in range(3):
        await catcher.post().carry(mail(to, subject=f"【マチポ】{number}"), leave)
    newest, _, first = catcher.mails(to)
    assert newest["subject"] == "【マチポ】2"
    assert f'"id": {newest["id"]}' in catcher.get(f"/mails?after={first['id']}")
    assert f'"id": {first["id"]},' not in catcher.get(f"/mails?after={first['id']}")


async def test_a_mail_is_sent_back_to_where_mails_come_back(
    own_catcher: Callable[..., Catcher], tmp_path: Path
) -> None:
    notice = tmp_path / "notice.eml"
    catcher = own_catcher(CATCHER_RETURN_COMMAND=f"cat > {notice}")
    sent = mail("return@aoba.example")
    await catcher.post().carry(sent, leave)
    await eventually(lambda: notice.exists() and "Action: failed" in notice.read_text())
    assert f"bounce+{sent.delivery_id.hex}@machipo.example" in notice.read_text()


async def test_the_shelf_can_be_emptied(own_catcher: Callable[..., Catcher]) -> None:
    catcher = own_catcher()
    await catcher.post().carry(mail("hanako@aoba.example"), leave)
    url = f"http://127.0.0.1:{catcher.http_port}/mails"
    urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=5).close()
    assert catcher.mails("hanako@aoba.example") == []


def test_only_the_last_mails_are_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, kept=1_000)
    for number in range(1_003):
        shelf.put("a@b.example", "hanako@aoba.example", b"Subject: %d\r\n\r\n" % number)
    mails = shelf.mails()
    shelf.close()
    assert len(mails) == 1_000
    assert (mails[0].subject, mails[-1].subject) == ("1002", "3")


def test_the_part_of_an_address_is_the_word_before_its_plus() -> None:
    assert part_of("Drop-After-Data+17@aoba.example") == "drop-after-data"
