"""What each side may do next with a match and with its contract."""

from collections.abc import Sequence

from contracts.values import OrganisationKind
from services.registry.model.agreement import Agreement, ContractState
from services.registry.model.match import MUNICIPALITY, Match, MatchState

_C = ContractState
_GONE = frozenset({_C.CANCELLED, _C.REJECTED, _C.ENDED})


def next_acts(
    match: Match, side: OrganisationKind | None, written: Sequence[Agreement]
) -> list[str]:
    """What a side may do with a match now; nothing for a stranger."""
    if side is None:
        return []
    if match.state is MatchState.PROPOSED:
        return ["withdraw"] if side is match.proposed_by else ["accept", "decline"]
    if match.state in (MatchState.ACCEPTED, MatchState.CONTRACT_PREPARING):
        may_write = side is MUNICIPALITY and all(c.state in _GONE for c in written)
        return [*(["draft_contract"] if may_write else []), "withdraw"]
    return []


def contract_acts(agreement: Agreement, side: OrganisationKind | None) -> list[str]:
    """What a side may do with a contract now."""
    if side is None:
        return []
    if agreement.state is _C.CONCLUDED:
        return ["notice"]
    if side is not MUNICIPALITY:
        return []
    return (
        {
            _C.DRAFTING: ["edit", "send", "cancel"],
            _C.READY: ["cancel"],
            _C.SEND_FAILED: ["send", "cancel"],
            _C.OUT: ["remind", "cancel"],
            _C.BOUNCED: ["remind", "cancel"],
        }.get(agreement.state, [])
        if agreement.wanted in (None, "send")
        else []
    )
