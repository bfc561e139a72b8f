"""The words for what stands in a measure; entries are read as the registry says them."""

from datetime import date, datetime, time, timedelta
from typing import Any

from gateway.portal.words import PREFECTURES, as_instant, day, era_of, moment

#: State → (sign family, word), of a measure and of a later version that is under way.
MEASURE = {
    "draft": ("off", "下書き"),
    "internal_review": ("run", "承認待ち"),
    "returned": ("act", "差し戻し"),
    "approved": ("run", "事務局の確認待ち"),
    "scheduled": ("run", "まもなく開始"),
    "open": ("go", "募集中"),
    "paused": ("act", "一時停止"),
    "closed": ("off", "受付終了"),
    "settling": ("run", "精算中"),
    "completed": ("ok", "完了"),
    "cancelled": ("no", "中止"),
}
PURPOSES = {
    "living_support": "くらしの支援",
    "child_rearing": "子育て",
    "health": "健康",
    "regional_activity": "地域の活動",
    "card_uptake": "カードの普及",
    "shop_support": "お店の応援",
    "other": "そのほか",
}
ENTRY_TYPES = {
    "point_application": "ポイント申請型",
    "event_participation": "イベント参加型",
    "no_application": "申込みのいらない型",
}
REVIEW_METHODS = {
    "pre": "申込みの前に審査",
    "automatic": "自動で審査",
    "post": "申込みのあと審査",
    "counter": "窓口で審査",
}
UNITS = {"person": "1人につき", "child": "お子さまひとりにつき", "household": "1世帯につき"}
GRANT_TYPES = {
    "fixed": "決まった額",
    "purchase_rate": "買い物に応じて",
    "charge_rate": "チャージに応じて",
}
ON_EXHAUSTION = {
    "close": "締切の前でも受付を終えます",
    "waitlist": "予備の順番で受け付けます",
}
CHANGE_ALLOWED = {
    "until_sent": "事業者へ送る前まで変えられます",
    "never": "決めたあとは変えられません",
}
CLOSE_REASONS = {
    "deadline": "締切になったため",
    "budget_exhausted": "予算がなくなったため",
    "quota_reached": "定員に達したため",
    "municipality_decision": "自治体の判断のため",
    "provider_withdrawn": "決済サービスが使えなくなったため",
}
REASONS_OF_PAUSE = {
    "municipality_decision": "自治体の判断のため",
    "provider_withdrawn": "決済サービスとの契約を確かめているため",
    "registration_suspended": "団体か決済事業者の登録が停止されているため",
}
Rows = list[tuple[str, str]]
_NONE: dict[str, Any] = {}


def yen(value: int | None) -> str:
    """3,000円分: points are not yen, and are worth as much."""
    return f"{value:,}円分" if value is not None else ""


def title_of(entry: dict[str, Any], language: str) -> str:
    """What a measure is called in a language; its Japanese name where it has no other."""
    return str((entry["texts"].get(language) or entry["texts"]["ja"])["title"])


def amount_of(entry: dict[str, Any]) -> tuple[str, str]:
    """The figure a measure is known by, and what stands behind it: 3,000 円分."""
    amount = entry["amount"]
    if amount["grant_type"] != "fixed":
        return f"{amount['rate_percent']}%", "分"
    steps = [s["amount_yen"] for s in amount.get("steps") or []]
    if steps:
        return f"{min(steps):,}〜{max(steps):,}", "円分"
    return f"{amount['amount_yen']:,}", "円分"


def amount_rows(entry: dict[str, Any]) -> Rows:
    """How much, by which rule."""
    amount, unit = entry["amount"], UNITS.get(entry["unit"], "")
    if amount["grant_type"] == "fixed":
        steps = amount.get("steps") or []
        return [(f"お子さま{s['children_from']}人から", yen(s["amount_yen"])) for s in steps]
    what = "買い物" if amount["grant_type"] == "purchase_rate" else "チャージ"
    rows = [
        ("もらえる率", f"{what}した額の{amount['rate_percent']}%"),
        (f"上限（{unit}）", yen(amount["cap_per_entitlement_yen"])),
    ]
    if amount.get("cap_per_transaction_yen"):
        rows.append((f"上限（1回の{what}）", yen(amount["cap_per_transaction_yen"])))
    return rows


def last_moment(value: datetime | str) -> str:
    """Until when, where ``value`` is the first instant that is too late: a whole day, or a time."""
    over = as_instant(value)
    if over.time() == time():
        return day(over - timedelta(microseconds=1))
    return f"{day(over)}{over.hour}:{over.minute:02d}"


def first_moment(value: datetime | str) -> str:
    """From when; a day alone where it begins with it."""
    first = as_instant(value)
    return day(first) if first.time() == time() else f"{day(first)}{first.hour}:{first.minute:02d}"


def span(first: datetime | str, over: datetime | str) -> str:
    """From when until when; the day is said once where both lie on it."""
    begins, ends = as_instant(first), as_instant(over)
    if begins.date() == ends.date():
        return f"{moment(begins)}から{ends.hour}:{ends.minute:02d}まで"
    return f"{moment(begins)}から{moment(ends)}まで"


def days_left(value: datetime | str, today: date) -> int:
    """How many days remain after today."""
    return ((as_instant(value) - timedelta(microseconds=1)).date() - today).days


def born(value: str) -> str:
    """2005年4月2日（平成17年）"""
    read = date.fromisoformat(value)
    name, year = era_of(read)
    return f"{day(read).partition('（')[0]}（{name}{'元' if year == 1 else year}年）"


def who(entry: dict[str, Any]) -> list[str]:
    """Who may receive; every sentence must hold."""
    rule = entry["eligibility"]
    said = [_place(entry), _births(rule), _years(rule)]
    if rule.get("target_list"):
        said.append("自治体から番号の案内を受けた方")
    if rule.get("attendance"):
        said.append("会場で参加を記録した方")
    return [sentence for sentence in [*said, *(rule.get("statements") or [])] if sentence]


def _place(entry: dict[str, Any]) -> str:
    codes = entry["eligibility"].get("areas") or []
    names = [area_name(code, entry) for code in codes]
    return f"{'・'.join(names)}に住民登録がある方" if names else "お住まいのまちは問いません"


def area_name(code: str, entry: dict[str, Any] = _NONE) -> str:
    """What a place is called; by its code where pages do not know its name."""
    if code == entry.get("municipality_code"):
        return str(entry["municipality_name"])
    return PREFECTURES.get(code, f"団体コード{code}のまち")


def _births(rule: dict[str, Any]) -> str:
    first, last = rule.get("born_from"), rule.get("born_until")
    if first and last:
        return f"{born(first)}から{born(last)}までに生まれた方"
    if first:
        return f"{born(first)}以後に生まれた方"
    return f"{born(last)}までに生まれた方" if last else ""


def _years(rule: dict[str, Any]) -> str:
    least, most, on = (rule.get(n) for n in ("years_from", "years_until", "years_on"))
    if least is None and most is None:
        return ""
    when = f"{day(on)}の年齢が" if on else "申込みの日の年齢が"
    if least is not None and most is not None:
        return f"{when}{least}歳から{most}歳までの方"
    return f"{when}{least}歳以上の方" if most is None else f"{when}{most}歳以下の方"


def times(entry: dict[str, Any]) -> str:
    """How often one may receive."""
    return f"{UNITS.get(entry['unit'], '')}{entry.get('times') or 1}回"


def full(found: dict[str, Any]) -> bool:
    """Whether nobody more is let in: nothing is left, and nobody waits in line."""
    return bool(found.get("used_up")) and found["entry"].get("on_exhaustion") != "waitlist"


def rules(entry: dict[str, Any]) -> Rows:
    """What holds after applying."""
    found = [
        ("予算がなくなったとき", ON_EXHAUSTION.get(entry.get("on_exhaustion") or "close", "")),
        ("受け取り先の変更", CHANGE_ALLOWED.get(entry.get("change_allowed") or "until_sent", "")),
        (
            "申込みの取下げ",
            "審査の前なら取り下げられます"
            if entry.get("withdrawal_allowed", True)
            else "取り下げられません",
        ),
    ]
    if entry.get("grant_timing"):
        found.insert(0, ("届く時期の目安", str(entry["grant_timing"])))
    return [(label, words) for label, words in found if words]


def cut_off(service: dict[str, Any], entry: dict[str, Any]) -> str:
    """Until when one applies for a service: its own day, and by how much it is earlier."""
    own = service.get("apply_until")
    if not own:
        return last_moment(entry["apply_until"])
    ends = [(as_instant(v) - timedelta(microseconds=1)).date() for v in (entry["apply_until"], own)]
    earlier = (ends[0] - ends[1]).days
    return last_moment(own) + (f"（{earlier}日早い）" if earlier else "（早く締め切ります）")
