"""What a search answers."""

from collections.abc import Iterable
from datetime import datetime
from itertools import product

import orjson
from pydantic import AwareDatetime, BaseModel

from services.registry.model.search.asked import State
from services.registry.model.search.card import MeasureCard
from services.registry.model.search.public_measure import PublicMeasure


class MeasureItem(MeasureCard):
    """A measure in a list of results."""

    #: How it stands now.
    state: State
    #: People may apply, and within seven days they no longer may.
    closing: bool
    #: People may apply, and it is decided at once.
    available: bool
    #: People may apply, and nobody who does gets a place for now.
    used_up: bool


class MeasurePage(BaseModel):
    """A page of what was found; ``next`` goes into ``after`` for what follows."""

    #: The instant for which states were computed.
    at: AwareDatetime
    #: Of all that match, on this page or not.
    total: int
    items: list[MeasureItem]
    next: str | None
    #: For each facet, how many each value would leave under everything else that was chosen; municipalities are
    #: counted where a prefecture was chosen, amounts by where their step begins.
    facets: dict[str, dict[str, int]]
    #: What the codes of municipalities and services in ``facets`` are called.
    names: dict[str, str]


def _standing(
    state: State, *, closing: bool = False, available: bool = False, used_up: bool = False
) -> bytes:
    told = {"state": state, "closing": closing, "available": available, "used_up": used_up}
    flags = orjson.dumps(told)
    return flags[:-1] + b","


_OPEN = {
    flags: _standing(State.OPEN, closing=flags[0], available=flags[1], used_up=flags[2])
    for flags in product((False, True), repeat=3)
}
_OTHER = {state: _standing(state) for state in (State.SOON, State.PAUSED, State.ENDED)}


def item_json(measure: PublicMeasure, now: datetime) -> bytes:
    """A ``MeasureItem``: how it stands at this instant, and its card, which was written before."""
    states = measure.states(now)
    if State.OPEN in states:
        flags = (State.CLOSING in states, State.AVAILABLE in states, measure.used_up)
        return _OPEN[flags] + measure.card
    [state] = states
    return _OTHER[state] + measure.card


def page_json(
    now: datetime,
    total: int,
    items: Iterable[PublicMeasure],
    following: str | None,
    facets: dict[str, dict[str, int]],
    names: dict[str, str],
) -> bytes:
    """A ``MeasurePage``; the plain way, through the models, gives the same."""
    told = {"at": now, "total": total, "next": following, "facets": facets, "names": names}
    head = orjson.dumps(told, option=orjson.OPT_UTC_Z)
    shown = b",".join(item_json(measure, now) for measure in items)
    return head[:-1] + b',"items":[' + shown + b"]}"
