"""Files that are no documents are refused; documents are read by their owners, once they were looked through."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256

import pytest

from chassis.database import connection_of, open_pool
from contracts.values import OrganisationKind
from services.registry.jobs import inspect_documents
from services.registry.model.documents import LARGEST
from tests.registry.asking import Desk
from tests.registry.forms import PDF

UPLOADS: dict[str, tuple[bytes, str, int, str]] = {
    "a program": (b"MZ\x90\x00" + b"\x00" * 64, "application_form", 422, "document-type-unknown"),
    "a page": (b"<html></html>", "application_form", 422, "document-type-unknown"),
    "half a PDF": (b"%PDF-1.4 and no end", "application_form", 422, "document-type-unknown"),
    "a bare archive": (
        b"PK\x03\x04" + b"\x00" * 40,
        "application_form",
        422,
        "document-type-unknown",
    ),
    "nothing": (b"", "application_form", 422, "document-empty"),
    "another place": (PDF, "fund_protection", 422, "document-slot-unknown"),
    "no place": (PDF, "../../etc", 422, "parameters-invalid"),
    "too large": (PDF + b"\x00" * LARGEST, "application_form", 413, "body-too-large"),
}


@pytest.mark.parametrize("case", UPLOADS)
async def test_a_file_that_is_no_document_is_refused(full: Desk, case: str) -> None:
    content, slot, status, code = UPLOADS[case]
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    answer = await asker.upload(slot, content)
    assert (answer.status, answer.code) == (status, code)
    documents = (await asker.get("/registration")).json["documents"]
    assert all(d["document"] is None for d in documents)


async def test_a_file_cannot_be_read_before_it_was_looked_through(full: Desk) -> None:
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    document = (await asker.upload("application_form")).json
    assert (document["size"], document["sha256"]) == (len(PDF), sha256(PDF).hexdigest())
    early = await asker.get(f"/registration/documents/{document['id']}")
    assert (early.status, early.code) == (409, "document-quarantined")
    await full.inspect()
    read = await asker.get(f"/registration/documents/{document['id']}")
    assert (read.status, read.content) == (200, PDF)
    assert read.headers["Content-Disposition"].startswith("attachment")


async def test_a_file_with_a_script_in_it_is_never_given_out(full: Desk) -> None:
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    scripted = b"%PDF-1.4\n<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n%%EOF\n"
    document = (await asker.upload("application_form", scripted)).json
    await full.inspect()
    answer = await asker.get(f"/registration/documents/{document['id']}")
    assert (answer.status, answer.code) == (409, "document-quarantined")
    assert ("documents.application_form", "document_missing") in {
        (p["field"], p["code"]) for p in (await asker.get("/registration")).json["problems"]
    }


async def test_another_organisations_document_is_not_there(full: Desk) -> None:
    one = await full.applicant(OrganisationKind.MUNICIPALITY)
    other = await full.applicant(OrganisationKind.MUNICIPALITY, code="011002", name="札幌市")
    document = (await one.upload("application_form")).json
    await full.inspect()
    path = f"/registration/documents/{document['id']}"
    assert (await other.get(path)).status == 404
    assert (await other.ask("DELETE", path)).status == 404
    assert (await one.get(path)).status == 200


async def test_whoever_looks_through_them_outlives_a_crowd(
    database: Callable[[str], Awaitable[str]],
) -> None:
    """No connection comes free in time: the turn is taken again, the service goes on."""
    async with open_pool(await database("registry"), size=2, name="tests") as pool:
        async with connection_of(pool):
            looking = asyncio.create_task(inspect_documents(pool, every=0.01))
            await asyncio.wait([looking], timeout=2.5)
        assert not looking.done()
        looking.cancel()
