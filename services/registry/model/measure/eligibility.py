"""Judges who may receive, and how it is looked at."""

from collections.abc import Collection
from datetime import date
from typing import TypedDict
from uuid import UUID, uuid5

from contracts.registry import Eligibility, Evidence, Occasion
from contracts.values import ChangeAllowed, EntitlementUnit, EntryType, ReviewMethod
from services.registry.model import reading
from services.registry.model.findings import Findings
from services.registry.model.measure.dates import Typed, begins, ends
from services.registry.model.measure.form import OccasionFields, ReviewSection, WhoSection

_CODE = r"[a-z0-9][a-z0-9_-]{0,29}"
_CODE_HINT = "コードは、半角の英小文字・数字・ハイフンで、30文字以内で入れてください。"
_PREFECTURES = {f"{n:02}" for n in range(1, 48)}


class Who(TypedDict):
    """The fields of an entry that say for whom and how often."""

    unit: EntitlementUnit
    times: int


class Review(TypedDict):
    """The fields of an entry that say how it is looked at."""

    review_method: ReviewMethod
    occasions: tuple[Occasion, ...]
    change_allowed: ChangeAllowed
    withdrawal_allowed: bool


def named_areas(section: WhoSection) -> list[str]:
    """The codes of areas that were typed, as digits."""
    return [reading.digits(code) for code in section.areas if code.strip()]


def who(section: WhoSection, found: Findings) -> Who | None:
    """For whom an amount counts once, if nothing had to be noted."""
    unit = found.choice("unit", section.unit, "付与の単位", EntitlementUnit)
    times = 1
    if section.times.strip():
        times = found.amount("times", section.times, "受けられる回数", most=100, least=1) or 0
    return Who(unit=unit, times=times) if unit and times else None


def eligibility(
    section: WhoSection, review: ReviewSection, found: Findings, *, known_areas: Collection[str]
) -> Eligibility:
    """The rule as data; what is wrong with it is noted in ``found``."""
    fields = found.within("who")
    return Eligibility(
        areas=_areas(section, fields, known_areas),
        **_births(section, fields),
        **_years(section, fields),
        target_list=fields.yes("target_list", section.target_list, "付与対象者リスト"),
        attendance=fields.yes("attendance", section.attendance, "参加の確認"),
        evidence=_evidence(review, found.within("review")),
        statements=tuple(
            fields.text(f"statements.{index}", text, "申込者が確かめる文", longest=200)
            for index, text in enumerate(section.statements)
            if text.strip()
        ),
    )


def _areas(section: WhoSection, found: Findings, known: Collection[str]) -> tuple[str, ...]:
    typed = named_areas(section)
    for index, code in enumerate(typed):
        if code not in _PREFECTURES and code not in known:
            detail = "都道府県（2けた）か市区町村（6けた）のコードを確かめてください。"
            found.wrong(f"areas.{index}", "area_unknown", detail)
    return tuple(dict.fromkeys(typed))


class _Births(TypedDict):
    born_from: date | None
    born_until: date | None


class _Years(TypedDict):
    years_from: int | None
    years_until: int | None
    years_on: date | None


def _births(section: WhoSection, found: Findings) -> _Births:
    first = found.day("born_from", section.born_from, "生まれた日の初日")
    last = found.day("born_until", section.born_until, "生まれた日の最終日")
    if first and last and first > last:
        found.wrong(
            "born_until", "dates_crossed", "生まれた日の最終日は、初日以後の日にしてください。"
        )
    return _Births(born_from=first, born_until=last)


def _years(section: WhoSection, found: Findings) -> _Years:
    least = found.amount("years_from", section.years_from, "年齢の下限", most=130)
    most = found.amount("years_until", section.years_until, "年齢の上限", most=130)
    on = found.day("years_on", section.years_on, "年齢を数える日")
    if least is not None and most is not None and least > most:
        found.wrong("years_until", "limits_crossed", "年齢の上限は、下限以上にしてください。")
    if on and least is None and most is None:
        found.wrong("years_from", "missing", "年齢の下限か上限を入れてください。")
    return _Years(years_from=least, years_until=most, years_on=on)


def _evidence(section: ReviewSection, found: Findings) -> tuple[Evidence, ...]:
    papers: dict[str, Evidence] = {}
    for index, typed in enumerate(section.evidence):
        line = found.within(f"evidence.{index}")
        code = line.pattern("code", typed.code or f"paper-{index + 1}", "コード", _CODE, _CODE_HINT)
        label = line.text("label", typed.label, "書類の名前", longest=60)
        if code in papers:
            line.wrong(
                "code", "code_twice", "同じコードの書類があります。別のコードにしてください。"
            )
        papers[code] = Evidence(
            code=code, label=label, needed=line.yes("needed", typed.needed, "必要かどうか")
        )
    return tuple(papers.values())


def review(section: ReviewSection, found: Findings, *, measure_id: UUID) -> Review | None:
    """How it is looked at, if nothing had to be noted."""
    before = len(found.errors)
    method = found.choice("review_method", section.review_method, "審査のしかた", ReviewMethod)
    change = ChangeAllowed.UNTIL_SENT
    if section.change_allowed:
        change = (
            found.choice(
                "change_allowed", section.change_allowed, "受け取り先の変更", ChangeAllowed
            )
            or change
        )
    occasions: dict[UUID, Occasion] = {}
    for index, typed in enumerate(section.occasions):
        line = found.within(f"occasions.{index}")
        occasion = _occasion(typed, line, measure_id, index)
        if occasion and occasion.occasion_id in occasions:
            line.wrong(
                "code", "code_twice", "同じコードの会場があります。別のコードにしてください。"
            )
        if occasion:
            occasions[occasion.occasion_id] = occasion
    withdrawal = found.yes("withdrawal_allowed", section.withdrawal_allowed, "申込みの取下げ")
    if method is None or len(found.errors) > before:
        return None
    return Review(
        review_method=method,
        occasions=tuple(occasions.values()),
        change_allowed=change,
        withdrawal_allowed=withdrawal,
    )


def _occasion(
    typed: OccasionFields, found: Findings, measure_id: UUID, index: int
) -> Occasion | None:
    code = found.pattern("code", typed.code or str(index + 1), "会場のコード", _CODE, _CODE_HINT)
    name = found.text("name", typed.name, "会場の名前", longest=60)
    place = found.text("place", typed.place, "場所", longest=100)
    starts = begins(Typed("starts", typed.starts_on, typed.starts_time, "開始"), found)
    over = ends(Typed("ends", typed.ends_on or typed.starts_on, typed.ends_time, "終了"), found)
    if starts and over and starts >= over:
        found.wrong("ends_time", "dates_crossed", "終了は、開始よりあとにしてください。")
    if not (code and name and place and starts and over):
        return None
    return Occasion(
        occasion_id=uuid5(measure_id, code), name=name, place=place, starts_at=starts, ends_at=over
    )


def agree(rule: Eligibility, shown: Review, entry_type: EntryType, found: Findings) -> None:
    """Note where the ways of taking part, looking at it and the rule contradict each other."""
    if shown["review_method"] is ReviewMethod.AUTOMATIC and (
        any(e.needed for e in rule.evidence) or rule.attendance
    ):
        detail = "自動審査では、書類や参加の確認はできません。審査のしかたか条件を直してください。"
        found.wrong("review.review_method", "review_cannot_see", detail)
    if shown["review_method"] is ReviewMethod.PRE and not rule.target_list:
        detail = (
            "事前審査には、付与対象者リストが要ります。「対象」でリストを使うを選んでください。"
        )
        found.wrong("who.target_list", "target_list_needed", detail)
    if entry_type is EntryType.EVENT_PARTICIPATION and not (rule.attendance and shown["occasions"]):
        detail = "イベント参加型では、参加の確認を使い、会場を1つ以上入れてください。"
        found.wrong("review.occasions", "occasions_needed", detail)
    elif rule.attendance and not shown["occasions"]:
        detail = "参加を確かめるには、会場を1つ以上入れてください。"
        found.wrong("review.occasions", "occasions_needed", detail)
