"""Files: what is taken, what is not, and that nobody gets one before it was looked through."""

import io
import struct
import zipfile
from collections.abc import AsyncIterator

import pytest

from contracts.values import OrganisationKind
from services.content.model.files.file import MediaType
from services.content.model.files.inspection import inspected
from tests.content.asking import PNG, Desk, announced

PDF = b"%PDF-1.4\n1 0 obj << /Type /Page >> endobj\n2 0 obj << /Type /Pages >> endobj\n%%EOF\n"
ZIP = "application/zip"
#: A number that passes the check of an individual number.
INDIVIDUAL = "123456789018"


def archive(members: dict[str, bytes], **flags: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = flags.get("packed", zipfile.ZIP_DEFLATED)
            info.external_attr = flags.get("mode", 0o600) << 16
            made.writestr(info, content)
    return out.getvalue()


def office(**more: bytes) -> bytes:
    base = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}
    return archive(base | {name.replace("__", "/"): content for name, content in more.items()})


def lying_archive() -> bytes:
    """An archive that says of a big member that it is small."""
    content = archive({"a.txt": b"0" * 40_000_000})
    return content.replace(struct.pack("<L", 40_000_000), struct.pack("<L", 100))


async def test_a_file_waits_in_quarantine_until_it_was_looked_through(desk: Desk) -> None:
    who = desk.secretariat()
    file = (await who.post("/desk/files", announced(PNG, "図.png", "image/png"))).json
    path = f"/desk/files/{file['file_id']}"
    sent = await who.ask("PUT", f"{path}/content", data=PNG)
    assert sent.json["state"] == "quarantined"
    body = {"file_id": file["file_id"], "title": "図", "audience": "public"}
    early = await who.post("/desk/materials", body)
    assert (early.status, early.code) == (409, "file-quarantined")
    await desk.look_through()
    assert (await who.get(path)).json["state"] == "checked"
    assert (await who.post("/desk/materials", body)).status == 201
    assert (await desk.anybody().get(f"/files/{file['file_id']}")).content == PNG


async def test_sending_it_once_more_changes_nothing(desk: Desk) -> None:
    file = await desk.brought()
    path = f"/desk/files/{file['file_id']}/content"
    again = await desk.secretariat().ask("PUT", path, data=b"something else")
    assert (again.status, again.json["sha256"]) == (200, file["sha256"])


@pytest.mark.parametrize("content", [b"short", PNG + b"x" * 300_000, b"\x00" * len(PNG)])
async def test_another_content_than_was_announced_is_refused_and_leaves_nothing(
    desk: Desk, content: bytes
) -> None:
    who = desk.secretariat()
    file = (await who.post("/desk/files", announced(PNG, "図.png", "image/png"))).json
    path = f"/desk/files/{file['file_id']}/content"

    async def dripping() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 50_000):
            yield content[at : at + 50_000]

    refused = await who.ask("PUT", path, data=dripping())
    assert (refused.status, refused.code) == (422, "file-differs")
    assert [one for part in desk.shelf.store.list() for one in part] == []
    assert (await who.ask("PUT", path, data=PNG)).json["state"] == "quarantined"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../etc/passwd.png", "file_name_path"),
        ("a/b.png", "file_name_path"),
        ("c:\\b.png", "file_name_path"),
        (".hidden.png", "file_name_path"),
        ("gnp\u200b.png", "file_name_path"),
        ("図.exe", "file_name_ending"),
        ("図.png.exe", "file_name_ending"),
    ],
)
async def test_names_with_paths_and_other_endings_are_refused(
    desk: Desk, name: str, code: str
) -> None:
    told = announced(PNG, name, "image/png")
    refused = await desk.secretariat().post("/desk/files", told)
    assert refused.status == 422
    assert ("name", code) in refused.fields


async def test_what_is_too_large_is_refused_before_it_comes(desk: Desk) -> None:
    told = announced(PNG, "図.png", "image/png") | {"size": 21 * 1024 * 1024}
    assert (await desk.secretariat().post("/desk/files", told)).status == 422
    odd = announced(PNG, "図.svg", "image/svg+xml")
    assert ("media_type", "enum") in (await desk.secretariat().post("/desk/files", odd)).fields


REFUSED = {
    "a page that claims to be a picture": (b"<html><script>", MediaType.PNG, "種類と違います"),
    "an archive that claims to be a PDF": (archive({"a": b"b"}), MediaType.PDF, "種類と違います"),
    "a PDF that runs something": (
        PDF.replace(b"/Page >>", b"/Page /JS (x) >>"),
        MediaType.PDF,
        "動作を含む",
    ),
    "a PDF that runs something by another spelling": (
        PDF.replace(b"/Page >>", b"/Page /OpenAction 3 0 R >>").replace(
            b"%%EOF", b"3 0 obj << /S /J#61vaScript#0a >> endobj\n%%EOF"
        ),
        MediaType.PDF,
        "動作を含む",
    ),
    "a PDF with a password": (
        PDF.replace(b"/Page >>", b"/Page /Encrypt 1 0 R >>"),
        MediaType.PDF,
        "パスワード",
    ),
    "an archive that bursts": (archive({"a.txt": b"0" * 90_000_000}), MediaType.ZIP, "展開すると"),
    "an archive that lies about its size": (lying_archive(), MediaType.ZIP, "こわれて"),
    "an archive whose few bytes unpack in one step": (
        archive({"a.txt": b"0" * 9_000_000}, packed=zipfile.ZIP_BZIP2),
        MediaType.ZIP,
        "圧縮の方法",
    ),
    "an archive with a path": (archive({"../a.txt": b"b"}), MediaType.ZIP, "場所をたどる"),
    "an archive with a link": (
        archive({"a": b"/etc"}, mode=0o120777),
        MediaType.ZIP,
        "指すファイル",
    ),
    "an archive in an archive": (
        archive({"a.zip": archive({"b": b"c"})}),
        MediaType.ZIP,
        "圧縮ファイルの中",
    ),
    "an archive with very many files": (
        archive({f"{n}.txt": b"" for n in range(2_001)}),
        MediaType.ZIP,
        "多すぎます",
    ),
    "a workbook with macros": (office(xl__vbaProject_bin=b"x"), MediaType.XLSX, "マクロ"),
    "a workbook that points elsewhere": (
        office(xl__externalLinks__a=b"x"),
        MediaType.XLSX,
        "リンクや埋め込み",
    ),
    "a workbook with an individual number": (
        office(**{"xl__sharedStrings.xml": f"<t>{INDIVIDUAL}</t>".encode()}),
        MediaType.XLSX,
        "マイナンバー",
    ),
    "a list with an individual number": (
        f"氏名,番号\n花子,{INDIVIDUAL}\n".encode(),
        MediaType.CSV,
        "マイナンバー",
    ),
    "a list with an individual number over the edge of a piece": (
        b"x" * (64 * 1024 - 6) + INDIVIDUAL.encode() + b"\n",
        MediaType.CSV,
        "マイナンバー",
    ),
    "half a picture": (PNG[:40], MediaType.PNG, "種類と違います"),
    "nothing that was a workbook": (archive({"a": b"b"}), MediaType.XLSX, "種類と違います"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_must_not_be_let_out_is_not(what: str) -> None:
    content, claimed, words = REFUSED[what]
    found = inspected(io.BytesIO(content), len(content), claimed)
    assert found.objection is not None
    assert words in found.objection, found.objection


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (PNG, MediaType.PNG),
        (PDF, MediaType.PDF),
        (office(), MediaType.XLSX),
        (archive({"読んで.txt": "ことば".encode()}), MediaType.ZIP),
        ("コード,名前\n011002,札幌市\n".encode("cp932"), MediaType.CSV),
        ("コード,名前\n011002,札幌市\n".encode("utf-8-sig"), MediaType.CSV),
    ],
)
def test_what_is_in_order_is_let_out(content: bytes, claimed: MediaType) -> None:
    found = inspected(io.BytesIO(content), len(content), claimed)
    assert found.objection is None
    assert found.pages == (1 if claimed is MediaType.PDF else None)


@pytest.mark.parametrize(
    ("content", "name", "media_type", "words"),
    [
        (f"番号\n{INDIVIDUAL}\n".encode(), "名簿.csv", "text/csv", "マイナンバー"),
        (archive({"a.txt": b"0" * 90_000_000}), "資料.zip", ZIP, "展開すると"),
        (archive({"../../etc/a.txt": b"b"}), "資料.zip", ZIP, "場所をたどる"),
    ],
    ids=["a number", "an archive that bursts", "an archive with a path"],
)
async def test_a_refused_file_says_why_and_is_never_handed_out(
    desk: Desk, content: bytes, name: str, media_type: str, words: str
) -> None:
    file = await desk.brought(content, name, media_type)
    assert (file["state"], words in file["why"]) == ("refused", True)
    body = {"file_id": file["file_id"], "title": "名簿", "audience": "public"}
    refused = await desk.secretariat().post("/desk/materials", body)
    assert (refused.status, refused.code) == (409, "file-refused")
    assert (await desk.anybody().get(f"/files/{file['file_id']}")).status == 404


async def test_materials_are_for_those_they_are_meant_for(desk: Desk) -> None:
    file = await desk.brought()
    body = {"file_id": file["file_id"], "title": "手引き", "audience": "municipality"}
    made = (await desk.secretariat().post("/desk/materials", body)).json
    municipality = desk.member(OrganisationKind.MUNICIPALITY)
    provider = desk.member(OrganisationKind.PROVIDER)
    path = f"/own/files/{file['file_id']}"
    assert (await municipality.get(path)).content == PNG
    assert (await provider.get(path)).status == 404
    assert (await desk.anybody().get(f"/files/{file['file_id']}")).status == 404
    assert [m["title"] for m in (await municipality.get("/own/materials")).json["items"]] == [
        "手引き"
    ]
    assert (await provider.get("/own/materials")).json["items"] == []
    gone = f"/desk/materials/{made['material_id']}"
    assert (await desk.secretariat().ask("DELETE", gone, etag=9)).status == 412
    assert (await desk.secretariat().ask("DELETE", gone, etag=1)).status == 204
    assert (await municipality.get(path)).status == 404


async def test_what_never_came_is_forgotten(desk: Desk) -> None:
    file = (
        await desk.secretariat().post("/desk/files", announced(PNG, "図.png", "image/png"))
    ).json
    assert await desk.clockwork.forget() is False
    await desk.pool.execute("UPDATE files SET declared_at = declared_at - interval '2 days'")
    assert await desk.clockwork.forget() is True
    assert (await desk.secretariat().get(f"/desk/files/{file['file_id']}")).status == 404
