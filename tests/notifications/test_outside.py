"""One mail over real SMTP: what the server's words, and its silence, come to."""

from email import message_from_bytes
from email.policy import default as reading
from uuid import uuid4

import pytest

from services.notifications.model.delivery import Outcome
from services.notifications.outside import Mail, Post, message_of
from tests.notifications.rooms import Catcher
from tests.rig.waiting import eventually


def mail(to: str, **changes: str) -> Mail:
    said = {
        "name": "佐藤 花子",
        "subject": "【マチポ】登録申請の修正のお願い",
        "text": "直してください。\n",
        "html": "<p>直してください。</p>",
        **changes,
    }
    return Mail(delivery_id=uuid4(), address=to, **said)


async def leave() -> bool:
    return True


async def no_leave() -> bool:
    return False


@pytest.mark.parametrize(
    ("part", "outcome", "arrives"),
    [
        ("hanako", Outcome.ACCEPTED, 1),
        ("bounce", Outcome.REFUSED, 0),
        ("refuse-data", Outcome.REFUSED, 0),
        ("busy", Outcome.NOT_SENT, 0),
        ("busy-data", Outcome.NOT_SENT, 0),
        ("drop", Outcome.NOT_SENT, 0),
        ("drop-after-data", Outcome.UNKNOWN, 1),
    ],
)
async def test_what_the_server_said_is_what_became_of_the_mail(
    catcher: Catcher, post: Post, part: str, outcome: Outcome, arrives: int
) -> None:
    to = f"{part}+{uuid4().hex}@aoba.example"
    told = await post.carry(mail(to), leave)
    assert told is not None and told.outcome is outcome
    assert len(catcher.mails(to)) == arrives


async def test_nothing_is_handed_over_without_leave(catcher: Catcher, post: Post) -> None:
    to = f"taro+{uuid4().hex}@aoba.example"
    assert await post.carry(mail(to), no_leave) is None
    assert catcher.mails(to) == []


async def test_leave_is_not_asked_before_the_addressee_is_taken(post: Post) -> None:
    asked = []

    async def leave_noted() -> bool:
        asked.append(True)
        return True

    await post.carry(mail("bounce@aoba.example"), leave_noted)
    assert asked == []


async def test_a_server_that_is_away_has_sent_nothing() -> None:
    told = await Post("127.0.0.1", 1, "no-reply@machipo.example").carry(mail("a@b.example"), leave)
    assert told is not None and told.outcome is Outcome.NOT_SENT


async def test_a_server_that_does_not_answer_in_time_leaves_it_open(catcher: Catcher) -> None:
    async def left_open() -> bool:
        told = await catcher.post(seconds=0.5).carry(mail("slow+silent@aoba.example"), leave)
        assert told is not None and told.outcome is Outcome.UNKNOWN, told
        return True

    # On a slow machine so little patience may be over before the text has gone out: then once more.
    await eventually(left_open)


async def test_japanese_arrives_as_it_was_written(catcher: Catcher, post: Post) -> None:
    to = f"hanako+{uuid4().hex}@aoba.example"
    sent = mail(to)
    await post.carry(sent, leave)
    [caught] = catcher.mails(to)
    assert caught["subject"] == sent.subject and caught["text"] == sent.text
    assert caught["html"].strip() == sent.html
    assert caught["sender"] == "マチポ <no-reply@machipo.example>"
    assert caught["message_id"] == f"<{sent.delivery_id}@machipo.example>"
    assert caught["envelope_from"] == f"bounce+{sent.delivery_id.hex}@machipo.example"


def test_no_name_writes_a_header() -> None:
    spoof = '花子" <boss@aoba.example>\r\nBcc: all@aoba.example\r\n\r\nbody'
    raw = message_of(mail("hanako@aoba.example", name=spoof), "no-reply@m.example").as_bytes()
    read = message_from_bytes(raw, policy=reading)
    assert read["Bcc"] is None
    assert [a.addr_spec for a in read["To"].addresses] == ["hanako@aoba.example"]


def test_a_name_that_looks_encoded_is_read_as_it_was_typed() -> None:
    typed = "=?utf-8?q?=E4=BA=8B=E5=8B=99=E5=B1=80?="
    raw = message_of(mail("hanako@aoba.example", name=typed), "no-reply@m.example").as_bytes()
    [address] = message_from_bytes(raw, policy=reading)["To"].addresses
    assert "事務局" not in address.display_name and "utf-8" in address.display_name


@pytest.mark.parametrize("broken", ["a\r\nBcc: x@y.example", "a\nb", "a\rb"])
def test_a_subject_that_would_write_a_header_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|carriage"):
        message_of(mail("hanako@aoba.example", subject=broken), "no-reply@machipo.example")


def test_a_mail_is_plain_text_with_a_twin_and_nothing_else() -> None:
    read = message_of(mail("hanako@aoba.example"), "no-reply@machipo.example")
    parts = [part.get_content_type() for part in read.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    assert list(read.iter_attachments()) == []
