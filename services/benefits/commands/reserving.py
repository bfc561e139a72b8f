"""An application takes a place of the quota and yen of the budget, or gives both back."""

from dataclasses import replace

from chassis.database import Connection
from services.benefits.commands import ledger
from services.benefits.model.application import Application
from services.benefits.model.ledger import Code, Kind, Transfer
from services.benefits.model.measure import Measure
from services.benefits.store import places
from services.benefits.store.places import Place

_SELF = "service/benefits"


async def reserve(
    conn: Connection, application: Application, measure: Measure, *, decided: bool, actor: str
) -> Application | None:
    """The application with its place and its yen; None when quota or budget are used up."""
    held = await place(conn, application, measure, decided=decided, actor=actor)
    if held is None:
        return None
    placed, transfer = held
    await ledger.move(conn, transfer)
    return placed


async def place(
    conn: Connection, application: Application, measure: Measure, *, decided: bool, actor: str
) -> tuple[Application, Transfer] | None:
    """The application with its place, and the transfer of its yen, which is still to be entered.

    What is decided at once moves its yen at once; else they are promised until somebody decided.
    """
    first = application.id.int & 15
    found = await places.take_place(conn, measure.id, application.amount, first=first)
    if found is None:
        return None
    if found.short:
        await _sweep(conn, application, measure, found)
    transfer = Transfer(
        key=f"apply/{application.id}",
        ledger=measure.ledger,
        debit=found.reserved,
        credit=found.available,
        amount=application.amount,
        code=Code.APPLY,
        business_ref=application.id,
        actor=actor,
        kind=Kind.SINGLE if decided else Kind.PENDING,
        approved_by=f"municipality/{measure.municipality_id}",
    )
    return replace(application, lane=found.lane, transfer_id=transfer.id), transfer


async def give_back(
    conn: Connection, application: Application, measure: Measure, *, actor: str
) -> None:
    """What an undecided application held is free for others."""
    if application.lane is None or application.transfer_id is None:
        return
    await places.give_back_place(conn, measure.id, application.lane)
    await ledger.void(conn, application.transfer_id, actor=actor)


async def free_place(conn: Connection, application: Application, measure: Measure) -> None:
    """The place of a decided application is free for others."""
    if application.lane is not None:
        await places.give_back_place(conn, measure.id, application.lane)


async def _sweep(
    conn: Connection, application: Application, measure: Measure, place: Place
) -> None:
    """Bring the yen a lane is short of, from lanes that have them; all lanes are locked."""
    short = place.short
    for other, yen in await places.yen_by_lane(conn, measure.id):
        part = min(yen, short)
        if other.lane == place.lane or part <= 0:
            continue
        await ledger.move(
            conn,
            Transfer(
                key=f"sweep/{application.id}/{other.lane}",
                ledger=measure.ledger,
                debit=place.available,
                credit=other.available,
                amount=part,
                code=Code.SWEEP,
                business_ref=application.id,
                actor=_SELF,
            ),
        )
        short -= part
