"""Judges the money of a measure: how much, by which rule, of which budget."""

from typing import TypedDict

from contracts.registry import Amount, AmountStep
from contracts.values import GrantType, OnExhaustion
from services.registry.model.findings import Findings
from services.registry.model.measure.form import AmountSection

MOST_AMOUNT = 10_000_000
MOST_BUDGET = 10**12
MOST_PEOPLE = 200_000_000


class Money(TypedDict):
    """The fields of an entry that speak of money."""

    amount: Amount
    budget_yen: int
    quota: int | None
    on_exhaustion: OnExhaustion


def money(section: AmountSection, found: Findings) -> Money | None:
    """The money of a measure, if nothing had to be noted."""
    before = len(found.errors)
    kind = found.choice("grant_type", section.grant_type, "付与のしかた", GrantType)
    amount = _amount(kind, section, found) if kind else None
    budget = found.amount(
        "budget_yen", section.budget_yen, "予算", most=MOST_BUDGET, least=1, needed=True
    )
    quota = found.amount("quota", section.quota, "定員", most=MOST_PEOPLE, least=1)
    ending = OnExhaustion.CLOSE
    if section.on_exhaustion:
        ending = (
            found.choice(
                "on_exhaustion", section.on_exhaustion, "予算がなくなったとき", OnExhaustion
            )
            or ending
        )
    if amount and budget and amount.most_yen > budget:
        detail = (
            f"1件の上限（{amount.most_yen:,}円）が予算を超えています。予算か金額を直してください。"
        )
        found.wrong("budget_yen", "amount_over_budget", detail)
    if amount is None or budget is None or len(found.errors) > before:
        return None
    return Money(amount=amount, budget_yen=budget, quota=quota, on_exhaustion=ending)


def _amount(kind: GrantType, section: AmountSection, found: Findings) -> Amount | None:
    """What is typed for the other kinds of grant stays typed, and does not count."""
    if kind is not GrantType.FIXED:
        return _rate(kind, section, found)
    if section.steps:
        return Amount(grant_type=kind, steps=_steps(section, found))
    yen = found.amount(
        "amount_yen", section.amount_yen, "金額", most=MOST_AMOUNT, least=1, needed=True
    )
    return Amount(grant_type=kind, amount_yen=yen) if yen else None


def _steps(section: AmountSection, found: Findings) -> tuple[AmountStep, ...]:
    if section.amount_yen.strip():
        detail = "金額は、1つだけ入れるか、人数ごとの表にするか、どちらかにしてください。"
        found.wrong("amount_yen", "amount_twice", detail)
    steps: list[AmountStep] = []
    for index, typed in enumerate(section.steps):
        line = found.within(f"steps.{index}")
        children = line.amount(
            "children_from", typed.children_from, "人数", most=20, least=1, needed=True
        )
        yen = line.amount(
            "amount_yen", typed.amount_yen, "金額", most=MOST_AMOUNT, least=1, needed=True
        )
        if children and children != 1 and not steps:
            line.wrong("children_from", "steps_begin", "人数ごとの表は、1人から始めてください。")
        if children and steps and children <= steps[-1].children_from:
            line.wrong("children_from", "steps_order", "人数は、少ない順に並べてください。")
        steps.append(AmountStep(children_from=children or 1, amount_yen=yen or 1))
    return tuple(steps)


def _rate(kind: GrantType, section: AmountSection, found: Findings) -> Amount | None:
    rate = found.amount(
        "rate_percent", section.rate_percent, "率（%）", most=100, least=1, needed=True
    )
    cap = found.amount(
        "cap_per_entitlement_yen",
        section.cap_per_entitlement_yen,
        "1人あたりの上限",
        most=MOST_AMOUNT,
        least=1,
        needed=True,
    )
    once = found.amount(
        "cap_per_transaction_yen",
        section.cap_per_transaction_yen,
        "1回あたりの上限",
        most=MOST_AMOUNT,
        least=1,
    )
    if cap and once and once > cap:
        detail = "1回あたりの上限は、1人あたりの上限以下にしてください。"
        found.wrong("cap_per_transaction_yen", "caps_crossed", detail)
    if not rate or not cap:
        return None
    return Amount(
        grant_type=kind,
        rate_percent=rate,
        cap_per_entitlement_yen=cap,
        cap_per_transaction_yen=once,
    )
