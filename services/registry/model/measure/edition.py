"""What a later version may change once people could apply: never anything against somebody who did."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from chassis.refusal import FieldError, Invalid
from contracts.registry import Amount, Eligibility, MeasureEntry, ServiceInScope
from contracts.values import ChangeAllowed

#: Fields that stay as they are for as long as a measure lives.
_FIXED = {
    "municipality_id": ("basics", "自治体"),
    "fiscal_year": ("basics.fiscal_year", "年度"),
    "entry_type": ("basics.entry_type", "申込みの型"),
    "unit": ("who.unit", "付与の単位"),
    "review_method": ("review.review_method", "審査のしかた"),
    "on_exhaustion": ("amount.on_exhaustion", "予算がなくなったときの扱い"),
    "apply_from": ("dates.apply_from_on", "申込みの開始"),
    "take_part_from": ("dates.take_part_from", "参加期間の初日"),
}
_DATES = {
    "apply_until": ("dates.apply_until_on", "申込みの締切"),
    "take_part_until": ("dates.take_part_until", "参加期間の最終日"),
    "allocate_by": ("dates.allocate_by", "受け取り先を決める期限"),
}
_NUMBERS = {
    "budget_yen": ("amount.budget_yen", "予算"),
    "quota": ("amount.quota", "定員"),
    "times": ("who.times", "受けられる回数"),
}


def against_applicants(before: MeasureEntry, after: MeasureEntry) -> list[FieldError]:
    """Everything in a later version that would be worse for somebody who may already have applied."""
    return [
        *_altered(before, after),
        *_sooner(before, after),
        *_fewer(before, after),
        *_less(before.amount, after.amount),
        *_narrower(before.eligibility, after.eligibility),
        *_services(before.services, after.services),
        *_promises(before, after),
    ]


def refuse_harm(before: MeasureEntry, after: MeasureEntry) -> None:
    """Refuse a later version with everything that would be worse for somebody who applied."""
    if errors := against_applicants(before, after):
        detail = "受付を始めた施策では、申し込んだ方に不利になる変更はできません。"
        raise Invalid("measure-edit-refused", detail, errors=errors)


def _wrong(place: tuple[str, str], code: str, rule: str) -> FieldError:
    return FieldError(place[0], code, f"受付を始めたあとは、{place[1]}は{rule}")


def _altered(before: MeasureEntry, after: MeasureEntry) -> Iterator[FieldError]:
    for name, place in _FIXED.items():
        if getattr(before, name) != getattr(after, name):
            yield _wrong(place, "fixed_once_open", "変えられません。")


def _sooner(before: MeasureEntry, after: MeasureEntry) -> Iterator[FieldError]:
    for name, place in _DATES.items():
        was: date | datetime | None = getattr(before, name)
        if _tighter(was, getattr(after, name), lambda old, new: new < old):
            yield _wrong(place, "only_later", "あとにだけ変えられます。")


def _fewer(before: MeasureEntry, after: MeasureEntry) -> Iterator[FieldError]:
    for name, place in _NUMBERS.items():
        if _tighter(getattr(before, name), getattr(after, name), lambda old, new: new < old):
            yield _wrong(place, "only_more", "多くするほうにだけ変えられます。")


def _tighter(was: Any, becomes: Any, worse: Callable[[Any, Any], bool]) -> bool:
    """Whether a limit is set where there was none, or is closer than it was."""
    return becomes is not None and (was is None or worse(was, becomes))


def _less(before: Amount, after: Amount) -> Iterator[FieldError]:
    place = ("amount.amount_yen", "金額")
    if before.grant_type is not after.grant_type:
        yield _wrong(("amount.grant_type", "付与のしかた"), "fixed_once_open", "変えられません。")
        return
    if before.rate_percent is None:
        children = {1} | {s.children_from for a in (before, after) for s in a.steps}
        if any(amount_for(after, n) < amount_for(before, n) for n in children):
            yield _wrong(place, "only_more", "多くするほうにだけ変えられます。")
        return
    if (after.rate_percent or 0) < before.rate_percent:
        yield _wrong(("amount.rate_percent", "率"), "only_more", "高くするほうにだけ変えられます。")
    for name, label in (
        ("cap_per_entitlement_yen", "1人あたりの上限"),
        ("cap_per_transaction_yen", "1回あたりの上限"),
    ):
        if _tighter(getattr(before, name), getattr(after, name), lambda old, new: new < old):
            yield _wrong((f"amount.{name}", label), "only_more", "多くするほうにだけ変えられます。")


def amount_for(amount: Amount, children: int) -> int:
    """What one entitlement is worth in a family with this many children, where amounts are fixed."""
    found = amount.amount_yen or 0
    for step in amount.steps:
        if step.children_from <= children:
            found = step.amount_yen
    return found


def _narrower(before: Eligibility, after: Eligibility) -> Iterator[FieldError]:
    rule = "広げるほうにだけ変えられます。"
    if after.areas and not (before.areas and _within(before.areas, after.areas)):
        yield _wrong(("who.areas", "対象の地域"), "only_wider", rule)
    if _tighter(before.born_from, after.born_from, lambda old, new: new > old):
        yield _wrong(("who.born_from", "生まれた日の初日"), "only_wider", rule)
    if _tighter(before.born_until, after.born_until, lambda old, new: new < old):
        yield _wrong(("who.born_until", "生まれた日の最終日"), "only_wider", rule)
    if _tighter(before.years_from, after.years_from, lambda old, new: new > old):
        yield _wrong(("who.years_from", "年齢の下限"), "only_wider", rule)
    if _tighter(before.years_until, after.years_until, lambda old, new: new < old):
        yield _wrong(("who.years_until", "年齢の上限"), "only_wider", rule)
    aged = after.years_from is not None or after.years_until is not None
    if aged and after.years_on != before.years_on:
        yield _wrong(("who.years_on", "年齢を数える日"), "fixed_once_open", "変えられません。")
    if after.target_list and not before.target_list:
        yield _wrong(("who.target_list", "付与対象者リスト"), "only_wider", rule)
    if after.attendance and not before.attendance:
        yield _wrong(("who.attendance", "参加の確認"), "only_wider", rule)
    asked = {e.code for e in before.evidence if e.needed}
    if {e.code for e in after.evidence if e.needed} - asked:
        yield _wrong(("review.evidence", "必要な書類"), "only_wider", "増やせません。")
    if set(after.statements) - set(before.statements):
        yield _wrong(("who.statements", "申込者が確かめる文"), "only_wider", "増やせません。")


def _within(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Whether every place of ``before`` lies in ``after``: itself, or by its prefecture."""
    return all(code in after or code[:2] in after for code in before)


def _services(
    before: tuple[ServiceInScope, ...], after: tuple[ServiceInScope, ...]
) -> Iterator[FieldError]:
    offered = {s.payment_service_id: s for s in after}
    for service in before:
        kept = offered.get(service.payment_service_id)
        if kept is None:
            place = ("services", f"決済サービス「{service.name}」")
            yield _wrong(place, "only_added", "外せません。")
        elif _tighter(service.apply_until, kept.apply_until, lambda old, new: new < old):
            place = ("services", f"「{service.name}」独自の締切")
            yield _wrong(place, "only_later", "あとにだけ変えられます。")


def _promises(before: MeasureEntry, after: MeasureEntry) -> Iterator[FieldError]:
    if before.withdrawal_allowed and not after.withdrawal_allowed:
        place = ("review.withdrawal_allowed", "申込みの取下げ")
        yield _wrong(place, "only_wider", "できないようには変えられません。")
    never = ChangeAllowed.NEVER
    if before.change_allowed is not never and after.change_allowed is never:
        place = ("review.change_allowed", "受け取り先の変更")
        yield _wrong(place, "only_wider", "できないようには変えられません。")
    there = {o.occasion_id: o for o in after.occasions}
    for occasion in before.occasions:
        kept = there.get(occasion.occasion_id)
        if kept is None or kept.starts_at > occasion.starts_at or kept.ends_at < occasion.ends_at:
            place = ("review.occasions", f"会場「{occasion.name}」")
            yield _wrong(place, "only_wider", "なくしたり短くしたりできません。")
