"""Which addresses can be written to, and which names may stand in a mail to a stranger."""

import pytest

from services.notifications.model.address import one_line, shown_name, usable


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("hanako@city.aoba.example", "hanako@city.aoba.example"),
        ("hanako+points@aoba.example", "hanako+points@aoba.example"),
        ("O'Neil@AOBA.Example", "O'Neil@aoba.example"),
        ("hanako@日本語.example", "hanako@xn--wgv71a119e.example"),
    ],
)
def test_an_address_is_told_to_the_server_in_ascii(address: str, told: str) -> None:
    assert usable(address) == told


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hanako",
        "@aoba.example",
        "hanako@",
        "hanako@localhost",
        "hanako@aoba.example.",
        "hanako@aoba..example",
        "hanako@-aoba.example",
        "hanako@aoba.example\r\nBcc: all@aoba.example",
        "hanako\r\n@aoba.example",
        "hanako @aoba.example",
        '"hana ko"@aoba.example',
        "<hanako@aoba.example>",
        "hanako@[127.0.0.1]",
        "hanako.@aoba.example",
        "花子@aoba.example",
        "hanako@aoba.example,taro@aoba.example",
        f"{'h' * 65}@aoba.example",
        f"h@{'.'.join(['a' * 60] * 5)}",
        f"h@{'a' * 64}.example",
    ],
)
def test_what_cannot_be_written_to_is_told_apart(address: str) -> None:
    assert usable(address) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("佐藤\r\nBcc: x@y.example", "佐藤 Bcc: x@y.example"),
        ("佐藤\u202e花子", "佐藤 花子"),
        ("  佐藤\u3000花子 ", "佐藤 花子"),
        ("佐藤\x00花子\u2028", "佐藤 花子"),
    ],
)
def test_a_name_stands_on_one_line_and_reads_forwards(value: str, shown: str) -> None:
    assert one_line(value) == shown


@pytest.mark.parametrize(
    "name",
    ["http://win.example 当選", "www.win.example", "当選 win.com へ", "a@b.example", "", " "],
)
def test_a_name_that_is_an_advertisement_is_not_mailed_to_strangers(name: str) -> None:
    assert shown_name(name, "ご担当者") == "ご担当者"


@pytest.mark.parametrize("name", ["青葉市", "Sample Co., Ltd.", "株式会社ひだまりペイ", "St. 花子"])
def test_an_ordinary_name_is_left_alone(name: str) -> None:
    assert shown_name(name, "ご担当者") == name
