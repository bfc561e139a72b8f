"""What tests of imports begin with: a measure, and copies of the job."""

from uuid import UUID

from chassis.clock import now
from chassis.database import transaction
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.registry.commands import measure_drafts
from services.registry.commands.measure_record import Acting
from services.registry.jobs import Importer
from services.registry.reader import Reader
from tests.registry.acts import Inspect, registered_municipality
from tests.registry.asking import Asker, Desk
from tests.rig.asker import Answered


async def measure_of(desk: Desk, asker: Asker) -> UUID:
    """A measure that was begun."""
    assert asker.organisation_id
    acting = Acting("member/1", "municipality", now())
    async with transaction(desk.pool) as conn:
        return (await measure_drafts.begin(conn, asker.organisation_id, {}, acting)).id


async def municipality_with_measure(desk: Desk, inspect: Inspect) -> tuple[Asker, UUID]:
    """An editor of a registered municipality, and its measure."""
    admin = await registered_municipality(desk, inspect)
    editor = desk.member(OrganisationKind.MUNICIPALITY, admin.organisation_id, Role.EDITOR)
    return editor, await measure_of(desk, editor)


async def sent(asker: Asker, measure_id: UUID, content: bytes, name: str = "list.csv") -> Answered:
    """A file is handed in."""
    return await asker.ask(
        "POST",
        f"/imports?kind=targets&measure_id={measure_id}&name={name}",
        data=content,
        headers={"Content-Type": "application/octet-stream"},
    )


async def worked(desk: Desk, reader: Reader | None = None) -> None:
    """A copy of the job works until nothing is left to do."""
    importer = Importer(desk.pool, reader or Reader())
    while await importer.turn():
        pass


async def read(desk: Desk, asker: Asker, measure_id: UUID, content: bytes) -> Answered:
    """A file is handed in and read."""
    answer = await sent(asker, measure_id, content)
    assert answer.status == 201, answer.content
    await worked(desk)
    return await asker.get(f"/imports/{answer.json['import_id']}")


async def imported(desk: Desk, asker: Asker, measure_id: UUID, content: bytes) -> Answered:
    """A file counts."""
    found = await read(desk, asker, measure_id, content)
    path = f"/imports/{found.json['import_id']}"
    answer = await asker.post(f"{path}/confirm", etag=found.json["version"])
    assert answer.status == 200, answer.content
    await worked(desk)
    return await asker.get(path)
