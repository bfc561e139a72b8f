"""What the pages of a municipality's measures ask the registry for, and where they stand."""

from typing import Any

from gateway.portal.asking import Reply
from gateway.portal.forms import Form
from gateway.portal.measures.deadlines import DeadlineMap, Line, drawn
from gateway.portal.visit import Crumbs, Visit

LIST = "/municipality/measures"
ONE = LIST + "/{measure_id:[0-9a-f-]{36}}"
APPROVERS = frozenset({"approver"})
#: Where what is under way may be typed in.
TYPED = frozenset({"draft", "returned"})


def address_of(visit: Visit) -> str:
    """Where the measure of this visit stands."""
    return f"{LIST}/{visit.part('measure_id')}"


def crumbs_of(measure: dict[str, Any] | None = None, *, editing: bool = False) -> Crumbs:
    """The way to a page of a measure."""
    found = [("/municipality", "仕事の一覧"), (LIST, "施策")]
    if measure is not None:
        one = f"{LIST}/{measure['measure_id']}"
        found.append((one, measure["title"]))
        if editing:
            found.append((f"{one}/edit", "入力"))
    return tuple(found)


def stage_of(measure: dict[str, Any]) -> str:
    """Where what is under way stands, whether a first version or a later one."""
    return str(measure["edition"] or measure["state"])


async def measure_of(visit: Visit) -> dict[str, Any]:
    """The measure of this visit as it is now."""
    found: dict[str, Any] = await visit.get(f"registry/own-measures/{visit.part('measure_id')}")
    return found


async def act(visit: Visit, form: Form, name: str, body: dict[str, Any]) -> Reply:
    """Do something with the measure as it was seen."""
    return await visit.ask(
        "POST",
        f"registry/own-measures/{visit.part('measure_id')}/{name}",
        body=body,
        key=form.key,
        headers={"If-Match": form["revision"] or "0"},
    )


async def map_of(visit: Visit, lines: list[Line]) -> DeadlineMap | None:
    """The deadline map, with maintenance windows where they are known."""
    if not lines:
        return None
    reply = await visit.ask("GET", "scheduling/maintenance", query={"limit": "50"})
    windows = reply.json().get("items", []) if reply.ok else []
    return drawn(lines, visit.at, windows)


def offers(visit: Visit, path: str) -> bool:
    """Whether the portal has a page at this address, so that a link to it leads somewhere."""
    names = {path, "/{door}/" + path.split("/", 2)[2]}
    return any(r.canonical in names for r in visit.request.app.router.resources())


async def newest_measures(visit: Visit) -> dict[str, Any] | None:
    """The own measures for the desk; none when the registry does not say."""
    reply = await visit.ask("GET", "registry/own-measures", query={"limit": "20"})
    found: dict[str, Any] | None = reply.json() if reply.ok else None
    return found
