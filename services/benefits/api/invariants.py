"""Whether the ledger still keeps its word, for operators."""

from pydantic import BaseModel

from chassis.database import Connection
from chassis.web import Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.store import ledger

routes = Routes("/api/v1/benefits", tag="benefits")


class InvariantsView(BaseModel):
    """Rows that break an invariant, by its name; none while all hold."""

    holds: bool
    broken: dict[str, int]


@routes.get("/invariants", organisation={OrganisationKind.SECRETARIAT}, roles={Role.OPERATOR})
async def invariants(conn: Connection) -> InvariantsView:
    """Recount the whole ledger."""
    found = await ledger.broken(conn)
    return InvariantsView(holds=not found, broken=found)
