"""A match (マッチング): what may happen to it, in which state, by which side."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Forbidden, Invalid, Stale
from contracts.values import GrantType, OrganisationKind
from services.registry.model.conditions import Conditions
from services.registry.model.fiscal_year import fiscal_year

MUNICIPALITY, PROVIDER = OrganisationKind.MUNICIPALITY, OrganisationKind.PROVIDER
#: Days within which the other side may be asked to answer.
LONGEST_ANSWER_DAYS = 90
#: … and what is taken when nobody names a day.
ANSWER_DAYS = 14


class MatchState(StrEnum):
    """Where a match stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CONTRACT_PREPARING = "contract_preparing"
    CONTRACT_OUT = "contract_out"
    CONTRACTED = "contracted"
    ACTIVE = "active"
    ENDED = "ended"


_S = MatchState
#: States in which nothing more happens.
OVER = frozenset({_S.DECLINED, _S.WITHDRAWN, _S.EXPIRED, _S.ENDED})
#: Before a contract is under way either side may still take it back.
_BEFORE_CONTRACT = frozenset({_S.ACCEPTED, _S.CONTRACT_PREPARING})
_WORDS = {
    _S.PROPOSED: "回答待ち",
    _S.ACCEPTED: "承諾",
    _S.DECLINED: "辞退",
    _S.WITHDRAWN: "取り下げ",
    _S.EXPIRED: "期限切れ",
    _S.CONTRACT_PREPARING: "契約の準備中",
    _S.CONTRACT_OUT: "契約の確認中",
    _S.CONTRACTED: "契約済み",
    _S.ACTIVE: "実施中",
    _S.ENDED: "終了",
}


@dataclass(frozen=True, slots=True)
class MatchService:
    """A payment service in a match, and how it may grant there."""

    payment_service_id: UUID
    grant_types: tuple[GrantType, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A municipality and a provider on their way to work together in a fiscal year."""

    id: UUID
    municipality_id: UUID
    provider_id: UUID
    fiscal_year: int
    state: MatchState
    proposed_by: OrganisationKind
    answer_by: date
    conditions: Conditions
    effective_on: date | None
    version: int
    revision: int
    created_at: datetime
    state_since: datetime
    said_at: datetime | None

    def moment(self, now: datetime) -> datetime:
        """When the next fact occurs: now, and after the one before it."""
        return now if self.said_at is None else max(now, self.said_at + timedelta(microseconds=1))

    def side_of(self, organisation_id: UUID) -> OrganisationKind | None:
        """On which side an organisation stands; None for a stranger."""
        sides = {self.municipality_id: MUNICIPALITY, self.provider_id: PROVIDER}
        return sides.get(organisation_id)

    def expected(self, version: int | None) -> "Match":
        """This match, if it is still the version the client saw."""
        if version is not None and version != self.version:
            detail = "相手の方かほかの方が先に進めました。いまの内容を読み直してから、もう一度お試しください。"
            raise Stale("version-stale", detail)
        return self

    def accepted(self, by: OrganisationKind, *, today: date, now: datetime) -> "Match":
        """The other side agreed in time."""
        self._other_side(by)
        if today > self.answer_by:
            detail = "回答の期限を過ぎています。あらためて提案してください。"
            raise Conflict("match-answer-late", detail)
        return self._moved(_S.ACCEPTED, now, said=True)

    def declined(self, by: OrganisationKind, *, now: datetime) -> "Match":
        """The other side said no."""
        self._other_side(by)
        return self._moved(_S.DECLINED, now, said=True)

    def withdrawn(self, by: OrganisationKind, *, now: datetime) -> "Match":
        """One side took it back: its own proposal, or what was agreed and is not yet being signed."""
        if self.state is _S.PROPOSED:
            if by is not self.proposed_by:
                detail = (
                    "提案を取り下げられるのは、提案した側です。受けない場合は辞退してください。"
                )
                raise Forbidden("match-other-side", detail)
        else:
            self._only(_BEFORE_CONTRACT, "取り下げられるのは、契約の手続きが始まるまでの間です。")
        return self._moved(_S.WITHDRAWN, now, said=True)

    def given_up(self, *, now: datetime) -> "Match":
        """One side is in the register no longer, so nothing comes of what was proposed or agreed."""
        waiting = _BEFORE_CONTRACT | {_S.PROPOSED}
        self._only(waiting, "やめられるのは、契約の手続きが始まるまでの間です。")
        return self._moved(_S.WITHDRAWN, now, said=True)

    def expired(self, *, today: date, now: datetime) -> "Match":
        """Nobody answered in time."""
        self._only({_S.PROPOSED}, "期限が切れるのは、回答待ちの提案だけです。")
        if today <= self.answer_by:
            raise Conflict("match-state", "回答の期限は、まだ過ぎていません。")
        return self._moved(_S.EXPIRED, now, said=True)

    def preparing(self, *, now: datetime) -> "Match":
        """A contract is being written."""
        self._only(_BEFORE_CONTRACT, "契約を準備できるのは、提案が承諾されたあとです。")
        if self.state is _S.CONTRACT_PREPARING:
            return replace(self, version=self.version + 1)
        return self._moved(_S.CONTRACT_PREPARING, now)

    def sent_out(self, *, now: datetime) -> "Match":
        """The contract is on its way to be signed."""
        self._only({_S.CONTRACT_PREPARING}, "契約を送れるのは、準備中の間だけです。")
        return self._moved(_S.CONTRACT_OUT, now)

    def come_back(self, *, now: datetime) -> "Match":
        """The contract came back unsigned; another may be written."""
        self._only({_S.CONTRACT_OUT}, "契約は、いま確認中ではありません。")
        return self._moved(_S.CONTRACT_PREPARING, now)

    def contracted(self, *, now: datetime) -> "Match":
        """Everybody signed."""
        self._only({_S.CONTRACT_OUT}, "契約は、いま確認中ではありません。")
        return self._moved(_S.CONTRACTED, now)

    def activated(self, *, on: date, now: datetime) -> "Match":
        """The contract carries it from a day on."""
        self._only({_S.CONTRACTED}, "始められるのは、契約が済んだマッチングだけです。")
        return replace(self._moved(_S.ACTIVE, now, said=True), effective_on=on)

    def ended(self, *, on: date, now: datetime) -> "Match":
        """It carries nothing from a day on; one that had not begun ends without a word in public."""
        self._only({_S.ACTIVE, _S.CONTRACTED}, "終了できるのは、契約が済んだマッチングだけです。")
        began = self.state is _S.ACTIVE
        day = max(on, self.effective_on) if self.effective_on else on
        moved = self._moved(_S.ENDED, now, said=began)
        return replace(moved, effective_on=day if began else self.effective_on)

    def relisted(self, *, on: date, now: datetime) -> "Match":
        """The same under another name, or with other services, from a day on."""
        self._only({_S.ACTIVE}, "公開されているのは、実施中のマッチングだけです。")
        day = max(on, self.effective_on) if self.effective_on else on
        return replace(
            self,
            effective_on=day,
            version=self.version + 1,
            revision=self.revision + 1,
            said_at=now,
        )

    def _other_side(self, by: OrganisationKind) -> None:
        self._only({_S.PROPOSED}, "回答できるのは、回答待ちの提案だけです。")
        if by is self.proposed_by:
            detail = "提案に回答するのは相手の側です。やめる場合は取り下げてください。"
            raise Forbidden("match-other-side", detail)

    def _only(self, states: frozenset[MatchState] | set[MatchState], why: str) -> None:
        if self.state not in states:
            raise Conflict("match-state", f"{why}いまは「{_WORDS[self.state]}」です。")

    def _moved(self, state: MatchState, now: datetime, *, said: bool = False) -> "Match":
        return replace(
            self,
            state=state,
            state_since=now,
            version=self.version + 1,
            revision=self.revision + said,
            said_at=now if said else self.said_at,
        )


def answer_day(asked: date | None, today: date) -> date:
    """The last day for an answer, if it is one that may be asked for."""
    day = asked or today + timedelta(days=ANSWER_DAYS)
    if not 1 <= (day - today).days <= LONGEST_ANSWER_DAYS:
        detail = f"回答の期限は、明日から{LONGEST_ANSWER_DAYS}日以内の日にしてください。"
        raise Invalid(
            "day-refused", detail, errors=[FieldError("answer_by", "day_refused", detail)]
        )
    return day


def year_for(year: int, today: date) -> int:
    """The fiscal year of a proposal: this one or the next."""
    if not fiscal_year(today) <= year <= fiscal_year(today) + 1:
        detail = "提案できるのは、今年度と来年度の分です。"
        error = FieldError("fiscal_year", "fiscal_year_refused", detail)
        raise Invalid("fiscal-year-refused", detail, errors=[error])
    return year
