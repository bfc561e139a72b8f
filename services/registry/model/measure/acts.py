"""What may be done next with a measure."""

from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import LIVE, State

#: What moves on what is under way, by where it stands.
_UNDER_WAY = {
    "draft": ["save", "submit"],
    "returned": ["save", "submit"],
    "internal_review": ["approve", "return"],
    "approved": [],
}


def next_acts(measure: Measure) -> list[str]:
    """What people of the municipality may do now; their role decides who of them."""
    acts = list(_UNDER_WAY.get(measure.stage, []))
    if measure.edition is not None:
        acts.append("discard")
    elif measure.state in LIVE:
        acts.append("edit")
    acts += {
        State.SCHEDULED: ["pause"],
        State.OPEN: ["pause", "close"],
        State.PAUSED: ["resume", "close"],
        State.SETTLING: ["complete"],
    }.get(measure.state, [])
    ended = {State.CLOSED, State.SETTLING, State.COMPLETED, State.CANCELLED, State.OPEN}
    if measure.state not in ended and measure.opened_at is None:
        acts.append("cancel")
    return acts
