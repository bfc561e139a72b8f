"""A mail that came back: whose notice it is, and whether it is final."""

from uuid import UUID

import pytest

from chassis.refusal import Malformed
from services.notifications.catcher.returning import returned
from services.notifications.model.returned import notice_of
from services.notifications.outside import Mail, message_of, return_path

MAIL = Mail(
    UUID(int=0x198F0C27B22), "佐藤 花子", "hanako@aoba.example", "【マチポ】", "本文", "<p>"
)
SENDER = "no-reply@machipo.example"
RAW = message_of(MAIL, SENDER).as_bytes()


def test_a_notice_names_its_mail_by_the_address_it_came_back_to() -> None:
    notice = notice_of(returned(MAIL.address, return_path(MAIL.delivery_id, SENDER), b""))
    assert notice.delivery_id == MAIL.delivery_id
    assert notice.final
    assert notice.answer.startswith("5.2.2") and "mailbox is full" in notice.answer


def test_a_notice_names_its_mail_by_the_message_id_it_returns() -> None:
    assert notice_of(returned(MAIL.address, "postmaster@machipo.example", RAW)).delivery_id == (
        MAIL.delivery_id
    )


@pytest.mark.parametrize(
    ("said", "instead"), [(b"Action: failed", b"Action: delayed"), (b"5.2.2", b"4.2.2")]
)
def test_a_delay_is_not_final(said: bytes, instead: bytes) -> None:
    raw = returned(MAIL.address, return_path(MAIL.delivery_id, SENDER), RAW)
    assert not notice_of(raw.replace(said, instead)).final


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"To: bounce+00000000000000000000000000000001@machipo.example\r\n\r\nI am away",
        RAW,
        returned(MAIL.address, "somebody@machipo.example", b""),
    ],
)
def test_what_is_no_notice_about_a_mail_of_ours_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        notice_of(raw)
