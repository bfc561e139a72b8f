"""What a program can see about a measure that was handed in, so that people look at the rest."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from contracts.registry import MeasureEntry
from services.registry.model.checks import Check, Verdict


def checks_of(
    entry: MeasureEntry, *, carried: Collection[tuple[UUID, UUID]], now: datetime
) -> list[Check]:
    """Cover, texts, budget and dates of a proposal."""
    return [_cover(entry, carried), _texts(entry), _budget(entry), _dates(entry, now)]


def _cover(entry: MeasureEntry, carried: Collection[tuple[UUID, UUID]]) -> Check:
    lost = [s.name for s in entry.services if (s.payment_service_id, s.match_id) not in carried]
    if not lost:
        return _check("cover", Verdict.OK, "契約", "どの決済サービスにも、有効な契約があります")
    detail = f"募集を始める日に有効な契約がありません：{'、'.join(lost)}"
    return _check("cover", Verdict.WRONG, "契約", detail)


def _texts(entry: MeasureEntry) -> Check:
    missing = "" if entry.texts.en else "。英語はありません"
    detail = f"日本語とやさしい日本語がそろっています{missing}"
    return _check("texts", Verdict.OK if entry.texts.en else Verdict.ATTENTION, "文章", detail)


def _budget(entry: MeasureEntry) -> Check:
    most = entry.amount.most_yen
    people = entry.budget_yen // most
    detail = f"予算{entry.budget_yen:,}円は、上限{most:,}円の{people:,}件分です"
    if entry.quota is not None and entry.quota > people:
        short = f"{detail}。定員{entry.quota:,}人に足りません"
        return _check("budget", Verdict.ATTENTION, "予算", short)
    return _check("budget", Verdict.OK, "予算", detail)


def _dates(entry: MeasureEntry, now: datetime) -> Check:
    if entry.apply_until <= now:
        return _check("dates", Verdict.WRONG, "日程", "申込みの締切がもう過ぎています")
    if entry.apply_from <= now:
        detail = "開始の日時を過ぎています。確認済みにすると、すぐに募集が始まります"
        return _check("dates", Verdict.ATTENTION, "日程", detail)
    return _check("dates", Verdict.OK, "日程", "開始も締切も、これからの日時です")


def _check(code: str, verdict: Verdict, title: str, detail: str) -> Check:
    return Check(code=code, verdict=verdict, title=title, detail=detail)
