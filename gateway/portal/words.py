"""The words pages share: dates as they are written in Japan, and a word for every state."""

from datetime import date, datetime

from chassis.clock import JAPAN

_WEEKDAYS = "月火水木金土日"
_ERAS = (("令和", date(2019, 5, 1)), ("平成", date(1989, 1, 8)), ("昭和", date(1926, 12, 25)))

#: State → (sign family, word). Portal.md 6.3; every status word on a page comes from here.
REGISTRATION = {
    "none": ("off", "未作成"),
    "draft": ("off", "下書き"),
    "submitted": ("off", "提出済"),
    "under_review": ("run", "審査中"),
    "returned": ("act", "修正依頼"),
    "registered": ("ok", "登録済"),
    "rejected": ("no", "不登録"),
    "suspended": ("act", "停止中"),
    "withdrawn": ("off", "辞退"),
}
ACCOUNT = {
    "requested": ("off", "申請を受付"),
    "mail_sent": ("run", "メール送信済"),
    "mail_bounced": ("act", "メール不達"),
    "link_expired": ("off", "リンク期限切れ"),
    "provisional": ("off", "仮アカウント"),
    "imported": ("off", "仮アカウント"),
    "mail_verified": ("run", "メール確認済"),
    "issued": ("go", "発行済"),
    "active": ("ok", "利用中"),
    "closed": ("off", "終了"),
    "expired": ("off", "申請の期限切れ"),
    "suspended": ("act", "停止中"),
    "rejected": ("no", "発行せず"),
}
DELIVERY = {
    "waiting": ("off", "送信待ち"),
    "queued": ("off", "送信待ち"),
    "sending": ("run", "送信中"),
    "sent": ("ok", "送信済"),
    "delivered": ("ok", "送信済"),
    "unknown": ("act", "結果を確認中"),
    "bounced": ("no", "不達"),
    "failed": ("no", "送れませんでした"),
    "dropped": ("off", "取りやめ"),
    "cancelled": ("off", "取りやめ"),
}
IMPORT = {
    "uploaded": ("off", "順番待ち"),
    "checking": ("run", "確認中"),
    "checked": ("act", "取り込み待ち"),
    "refused": ("no", "直すところあり"),
    "importing": ("run", "取り込み中"),
    "imported": ("ok", "取り込み済"),
    "failed": ("no", "取り込めず"),
    "cancelled": ("off", "取りやめ"),
}
ROLES = {
    "admin": "管理者",
    "editor": "編集担当",
    "viewer": "閲覧のみ",
    "reviewer": "審査担当",
    "approver": "承認者",
    "technical": "技術担当",
    "operator": "運用担当",
}
ORGANISATIONS = {"municipality": "自治体", "provider": "決済事業者", "secretariat": "事務局"}
MUNICIPALITY_KINDS = {
    "prefecture": "都道府県",
    "city": "市",
    "ward": "特別区",
    "town": "町",
    "village": "村",
    "consortium": "広域連合・組合",
    "other": "その他の団体",
}
SERVICE_KINDS = {
    "qr": "QRコード",
    "e_money": "電子マネー",
    "prepaid": "プリペイド",
    "credit": "クレジットカード",
    "debit": "デビットカード",
    "regional_currency": "地域通貨",
    "coupon": "商品券・クーポン",
    "cash": "現金",
}
GRANT_TYPES = {
    "fixed": "決まった額",
    "purchase_rate": "買い物に応じて",
    "charge_rate": "チャージに応じて",
}
NOTICE_CATEGORIES = {
    "maintenance": "保守",
    "document": "資料",
    "list": "一覧",
    "session": "説明会",
    "programme": "制度",
}
AMENDMENTS = {"correction": "訂正", "cancellation": "取りやめ", "completion": "終了"}
AUDIENCES = {
    "public": "すべての方",
    "members": "ログインした方",
    "municipality": "自治体の方",
    "provider": "決済事業者の方",
}
NOTICE = {
    "draft": ("off", "下書き"),
    "scheduled": ("run", "予約済"),
    "published": ("ok", "公開中"),
    "ended": ("off", "掲載終了"),
    "withdrawn": ("no", "取り下げ"),
    "discarded": ("off", "破棄"),
}
FILE = {
    "awaited": ("off", "受け取り待ち"),
    "quarantined": ("run", "確認中"),
    "checked": ("ok", "確認済"),
    "refused": ("no", "受け取れません"),
}
SCOPES = {
    "registry:read": "公開の登録情報と変更の受け取り",
    "registry:write": "登録情報の変更の申し出",
    "notifications:read": "メッセージの受け取り",
    "benefits:orders": "付与の依頼の受け取りと回答",
}
_PREFECTURE_NAMES = """
北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県
石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県
岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
PREFECTURES = {f"{n:02d}": name for n, name in enumerate(_PREFECTURE_NAMES.split(), 1)}


def as_date(value: date | datetime | str) -> date:
    """The day in Japan of an instant, or the day itself; texts of the services are read."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(JAPAN).date()
    return value


def as_instant(value: datetime | str) -> datetime:
    """An instant on Japan's clock."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(JAPAN)


def day(value: date | datetime | str | None) -> str:
    """2023年11月30日（木）"""
    if not value:
        return ""
    d = as_date(value)
    return f"{d.year}年{d.month}月{d.day}日（{_WEEKDAYS[d.weekday()]}）"


def short_day(value: date | datetime | str | None) -> str:
    """11月30日（木）"""
    return day(value).split("年", 1)[-1]


def edition(name: str) -> str:
    """2023年9月7日, of an edition that is named by its day; another name as it is."""
    try:
        return day(name).partition("（")[0]
    except ValueError:
        return name


def moment(value: datetime | str | None) -> str:
    """2023年11月30日（木）10:05"""
    if not value:
        return ""
    t = as_instant(value)
    return f"{day(t)}{t.hour}:{t.minute:02d}"


def era_of(value: date) -> tuple[str, int]:
    """The Japanese era of a day and its year in it: 令和, 5."""
    for name, first in _ERAS:
        if value >= first:
            return name, value.year - first.year + 1
    return "西暦", value.year


def era_day(value: date | datetime | str) -> str:
    """令和5年11月30日"""
    d = as_date(value)
    name, year = era_of(d)
    return f"{name}{'元' if year == 1 else year}年{d.month}月{d.day}日"


def fiscal_year(year: int | str) -> str:
    """令和5年度, from its first calendar year."""
    if not 1926 < int(year) < 9999:
        return f"{year}年度"
    name, in_era = era_of(date(int(year), 12, 31))
    return f"{name}{'元' if in_era == 1 else in_era}年度"


def fiscal_year_of(value: date) -> int:
    """The fiscal year a day lies in, by its first calendar year."""
    return value.year if value.month >= 4 else value.year - 1


def size(count: int | str | None) -> str:
    """412KB, 1.2MB"""
    number = int(count or 0)
    if number < 1024 * 1024:
        return f"{max(1, round(number / 1024))}KB"
    return f"{number / 1024 / 1024:.1f}MB"


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """Chrome・Windows; what a browser says of itself, where it says nothing known."""
    names = [
        next((word for mark, word in marks if mark in user_agent), "")
        for marks in (_BROWSERS, _DEVICES)
    ]
    return "・".join(n for n in names if n) or user_agent[:60] or "機器の名前なし"


def roles(names: object) -> str:
    """管理者・編集担当"""
    found = (
        [ROLES.get(str(n), str(n)) for n in names]
        if isinstance(names, list | tuple | set | frozenset)
        else []
    )
    order = list(ROLES.values())
    return "・".join(sorted(found, key=lambda w: order.index(w) if w in order else 99))
