"""Twelve digits of a My Number are found wherever a text can be read, and nothing that only looks like one."""

import zlib
from typing import Any

import pytest

from chassis.refusal import Invalid
from services.benefits.model.evidence import refuse_individual_numbers
from tests.benefits.asking import House

NUMBER = "123456789018"
WRONG = "123456789017"


def _pdf(content: bytes, head: bytes = b"", *, pack: bool = False, info: bytes = b"") -> bytes:
    packed = zlib.compress(content) if pack else content
    head += b" /Filter /FlateDecode" if pack else b""
    return (
        b"%PDF-1.7\n1 0 obj\n<< "
        + info
        + b" >>\nendobj\n2 0 obj\n<< /Length 99 "
        + head
        + b" >>\nstream\n"
        + packed
        + b"\nendstream\nendobj\ntrailer << >>\n%%EOF\n"
    )


def _png(kind: bytes, chunk: bytes) -> bytes:
    body = len(chunk).to_bytes(4) + kind + chunk + b"\x00" * 4
    return b"\x89PNG\r\n\x1a\n" + body + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def _jpeg(kind: int, segment: bytes) -> bytes:
    return b"\xff\xd8\xff" + bytes([kind]) + (len(segment) + 2).to_bytes(2) + segment + b"\xff\xd9"


def _files(number: str) -> dict[str, bytes]:
    plain = number.encode()
    apart = f"({number[:4]}) -20 ({number[4:8]}) 3 ({number[8:]})".encode()
    each = b" Tj 8 0 Td ".join(b"(" + digit.encode() + b")" for digit in number)
    octal = b"".join(b"\\" + oct(ord(digit))[2:].encode() for digit in number)
    wide = number.encode("utf-16-be")
    return {
        "a string": _pdf(b"BT (No. " + plain + b") Tj ET"),
        "a packed string": _pdf(b"BT (" + plain + b") Tj ET", pack=True),
        "an array": _pdf(b"BT [" + apart + b"] TJ ET", pack=True),
        "digit by digit": _pdf(b"BT " + each + b" Tj ET", pack=True),
        "hexadecimal": _pdf(b"BT <" + plain.hex().encode() + b"> Tj ET"),
        "wide": _pdf(b"BT <" + wide.hex().encode() + b"> Tj ET", pack=True),
        "octal": _pdf(b"BT (" + octal + b") Tj ET"),
        "the title": _pdf(b"", info=b"/Title (" + plain + b")"),
        "XMP": _pdf(b"<?xpacket?><dc:title>" + plain + b"</dc:title>", b"/Type /Metadata"),
        "PNG text": _png(b"tEXt", b"Comment\x00" + plain),
        "PNG packed": _png(b"zTXt", b"Comment\x00\x00" + zlib.compress(plain)),
        "JPEG comment": _jpeg(0xFE, plain),
        "JPEG EXIF": _jpeg(0xE1, b"Exif\x00\x00II*\x00" + number.encode("utf-16-le")),
        "with hyphens": _jpeg(0xFE, f"{number[:4]}-{number[4:8]}-{number[8:]}".encode()),
    }


@pytest.mark.parametrize("where", _files(NUMBER))
def test_a_my_number_in_a_readable_text_is_found(where: str) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_individual_numbers(_files(NUMBER)[where])
    assert refused.value.code == "individual-number-refused"
    assert NUMBER not in str(refused.value)


@pytest.mark.parametrize("where", _files(WRONG))
def test_other_digits_are_taken(where: str) -> None:
    refuse_individual_numbers(_files(WRONG)[where])


@pytest.mark.parametrize(
    "content",
    [
        _pdf(NUMBER.encode(), b"/Subtype /Image"),
        _pdf(b"not packed at all", b"/Filter /FlateDecode"),
        _pdf(b"(" * 100_000),
        _pdf(b"BT " * 100_000),
        _pdf(b"stream\n" * 10_000),
        _pdf(zlib.compress(bytes(50_000_000)), b"/Filter /FlateDecode"),
        _png(b"tEXt", b"")[:20],
        _jpeg(0xE1, b"")[:5] + b"\xff\xff\xff",
        b"\xff\xd8",
        b"",
    ],
    ids=["picture", "unpackable", "open", "begun", "streams", "bomb", "cut", "odd", "two", "none"],
)
def test_odd_files_are_read_as_far_as_they_go(content: bytes) -> None:
    refuse_individual_numbers(content)


async def test_a_paper_with_a_my_number_is_not_taken_in(house: House) -> None:
    papers = {
        "areas": ["172031"],
        "evidence": [{"code": "relation", "label": "続柄", "needed": True}],
    }
    measure = await house.measure(review_method="post", eligibility=papers)
    resident = house.resident()
    made: Any = (await resident.apply(measure.id)).json
    path = f"/own-applications/{made['application']['id']}/evidence"
    content = _pdf(b"BT (" + NUMBER.encode() + b") Tj ET", pack=True)
    refused = await resident.ask(
        "POST", f"{path}?code=relation", data=content, media="application/pdf"
    )
    assert (refused.status, refused.code) == (422, "individual-number-refused")
    assert (await resident.get(path)).json["items"] == []
