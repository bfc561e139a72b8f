"""A mail put together from parts is, byte for byte, the mail that is written in full."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default as reading
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.outside import Mail, message_of
from services.notifications.outside.wide import bytes_of

SENDER = "no-reply@machipo.example"
LINK = "http://portal.example/follow/" + "Ab-_" * 11
MAIL = Mail(
    delivery_id=uuid4(),
    name="",
    address="hana+1@reader.example",
    subject="【マチポ】訂正：保守の日程が変わりました",
    text="保守を行います。\n\nくわしい内容：\nhttp://portal.example/maintenance\n",
    html="<p>保守を行います。</p>\n",
    stop_link=LINK,
)
ODD: dict[str, dict[str, Any]] = {
    "usual": {},
    "english": {"language": "en", "subject": "[Machipo] Correction: maintenance"},
    "a long subject": {"subject": "【マチポ】" + "長い件名" * 20},
    "a subject like an encoded word": {"subject": "=?utf-8?b?44Oe?= x"},
    "a short link": {"stop_link": "http://p.example/x"},
    "a named reader": {"name": "佐藤 花子"},
    "a quoted name": {"name": 'O"Brien, =?x?='},
    "a long address": {"address": "a" * 60 + "@" + "b" * 60 + ".example"},
    "an apostrophe": {"address": "o'brien@reader.example"},
    "no stop": {"stop_link": None},
    "no text": {"text": "", "html": ""},
    "a line without end": {"text": "一行", "html": "<p>"},
    "a long line": {"text": "あ" * 5000 + "\n"},
    "dots": {"text": ".\n..\n.x\n"},
    "carriage returns": {"text": "a\r\nb\rc\x0bd\u2028e\n"},
    "emoji and rare characters": {"text": "😀𠮷野家\n", "subject": "【マチポ】𠮷野家😀"},
}


def same(raw: bytes) -> bytes:
    """Without what is drawn by lot: the boundary and the second it was written in."""
    raw = re.sub(rb"=={14,}\d+==", b"BOUNDARY", raw)
    return re.sub(rb"Date: [^\r]+", b"Date:", raw)


@pytest.mark.parametrize("odd", ODD)
def test_the_parts_make_the_same_bytes_as_the_whole(odd: str) -> None:
    mail = replace(MAIL, **ODD[odd])
    assert same(bytes_of(mail, SENDER)) == same(message_of(mail, SENDER).as_bytes())


def test_a_mail_of_parts_is_read_as_it_was_meant() -> None:
    read = message_from_bytes(bytes_of(MAIL, SENDER), policy=reading)
    assert (read["Subject"], read["To"]) == (MAIL.subject, MAIL.address)
    assert read["List-Unsubscribe"].strip() == f"<{LINK}>"
    assert read["Content-Language"] == "ja"
    text, html = read.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().replace("\r\n", "\n") == MAIL.html


@pytest.mark.parametrize("value", ["a@reader.example\r\nBcc: x@y.example", "a b@reader.example"])
def test_no_header_is_broken_by_an_address(value: str) -> None:
    with pytest.raises(ValueError):
        bytes_of(replace(MAIL, address=value), SENDER)
