"""Gathers what a form is judged against."""

from datetime import date

from chassis.database import Connection
from services.registry.model import reading
from services.registry.model.checking import Circumstances, Guidelines
from services.registry.model.form import RegistrationForm
from services.registry.model.organisation import Organisation
from services.registry.store import codes, documents


async def circumstances(
    conn: Connection,
    organisation: Organisation,
    form: RegistrationForm,
    *,
    guidelines: Guidelines,
    today: date,
) -> Circumstances:
    """The directory entries a form names, the documents that came with it, the guidelines in force."""
    named = [form.organisation.code, *form.organisation.constituents]
    directory = await codes.directory(conn, {reading.digits(code) for code in named})
    files = await documents.documents_of(conn, organisation.id)
    slots = {f.slot for f in files if f.state != "refused"}
    return Circumstances(guidelines=guidelines, directory=directory, slots=slots, today=today)
