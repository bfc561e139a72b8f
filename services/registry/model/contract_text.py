"""The words of a contract that follow from a match; the municipality may write them otherwise."""

from collections.abc import Sequence
from datetime import date

from contracts.registry import MatchEntry
from contracts.values import GrantType
from services.registry.model.conditions import Conditions, DataField, Funding

_GRANTS = {
    GrantType.FIXED: "決まった額の付与",
    GrantType.PURCHASE_RATE: "買い物に応じた付与",
    GrantType.CHARGE_RATE: "チャージに応じた付与",
}
_FUNDING = {
    Funding.PREFUNDING: "甲は、付与に先立って原資を乙に預ける。",
    Funding.INVOICE: "乙は、毎月の付与の合計を翌月に甲へ請求する。",
}
_FIELDS = {
    DataField.ACCOUNT_LAST4: "受け取り先の番号の下4けた",
    DataField.GRANTED_AT: "付与の日時",
    DataField.GRANT_RESULT: "付与の結果",
    DataField.PURCHASE_TOTAL: "買い物の合計額",
    DataField.CHARGE_TOTAL: "チャージの合計額",
    DataField.USED_TOTAL: "使われたポイントの合計",
}


def contract_title(entry: MatchEntry) -> str:
    """How the contract is called."""
    sides = f"{entry.municipality_name}・{entry.provider_name}"
    return f"{entry.fiscal_year}年度 施策ポイントの付与に関する契約書（{sides}）"


def contract_body(
    entry: MatchEntry, conditions: Conditions, valid_from: date, valid_until: date
) -> str:
    """What both sides agreed on, article by article."""
    services = [
        f"・{s.name}（{'、'.join(_GRANTS[g] for g in s.grant_types)}）" for s in entry.services
    ]
    articles: list[tuple[str, Sequence[str]]] = [
        ("目的", ["甲が定める施策のポイントを、乙が住民に付与することについて定める。"]),
        ("対象の決済サービス", services),
        ("手数料", [_fee(conditions)]),
        ("件数の見込み", [_volume(conditions)]),
        ("原資", [_FUNDING[conditions.funding]]),
        (
            "付与の依頼",
            [f"甲は、付与を希望する日の{conditions.cutoff_days}営業日前までに依頼する。"],
        ),
        ("甲に知らせる項目", [_told(conditions)]),
        ("期間", [f"{_day(valid_from)}から{_day(valid_until)}まで。"]),
    ]
    lines = [
        f"{entry.municipality_name}（以下「甲」）と{entry.provider_name}（以下「乙」）は、次のとおり契約する。"
    ]
    for number, (name, words) in enumerate(articles, 1):
        lines += ["", f"第{number}条（{name}）", *words]
    return "\n".join(lines)


def _fee(conditions: Conditions) -> str:
    if conditions.fee_per_grant is not None:
        return f"付与1件につき{conditions.fee_per_grant:,}円（消費税は別）とする。"
    whole = (conditions.fee_basis_points or 0) / 100
    return f"付与した額の{whole:g}パーセント（消費税は別）とする。"


def _volume(conditions: Conditions) -> str:
    if conditions.minimum_volume:
        return f"期間中の付与は{conditions.minimum_volume:,}件以上を見込む。"
    return "最低の件数は定めない。"


def _told(conditions: Conditions) -> str:
    if not conditions.data_fields:
        return "付与の結果の合計だけとする。"
    return "、".join(_FIELDS[f] for f in conditions.data_fields)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
