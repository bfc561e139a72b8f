"""A registration in words: every field with its label, for check pages, reviews and differences."""

from typing import Any

from gateway.portal.forms import Form
from gateway.portal.steps import PEOPLE, STEPS, title_of
from gateway.portal.words import GRANT_TYPES, MUNICIPALITY_KINDS, SERVICE_KINDS, day

LICENCES = {
    "prepaid_own": "前払式支払手段（自家型）",
    "prepaid_third_party": "前払式支払手段（第三者型）",
    "funds_transfer": "資金移動業",
    "credit": "クレジット",
    "bank": "銀行業",
}
LABELS = {
    "accepted_version": "同意した登録要領",
    "guideline_version": "同意した登録要領",
    "municipality_kind": "団体の種類",
    "code": "コード",
    "corporate_number": "法人番号",
    "name": "名前",
    "name_kana": "フリガナ",
    "prefecture_code": "都道府県コード",
    "constituents": "構成する団体",
    "postal_code": "郵便番号",
    "address": "所在地",
    "head_title": "契約者の役職",
    "budget_approved_on": "予算の議決日",
    "representative": "代表者",
    "licences": "登録・免許",
    "department": "部署",
    "kana": "フリガナ",
    "email": "メールアドレス",
    "phone": "電話番号",
    "measures_summary": "予定している施策",
    "planned_budget_yen": "予定の予算額",
    "wanted_kinds": "希望する決済サービスの種類",
    "invoice_address": "請求書の送付先",
    "fraud_control": "不正利用への備え",
    "privacy_certificates": "個人情報保護の認証",
    "invoice_registration_number": "インボイスの登録番号",
    "bank_name": "銀行名",
    "bank_branch": "支店名",
    "account_kind": "口座の種類",
    "account_number": "口座番号",
    "account_holder_kana": "口座名義のフリガナ",
    "kind": "種類",
    "grant_types": "付与の方法",
    "account_id_label": "会員番号の呼び名",
    "account_id_pattern": "会員番号の形",
    "account_id_example": "会員番号の例",
    "security_code_label": "確認コードの呼び名",
    "receive_method": "受け取りの方法",
    "grant_timing": "付与の時期",
    "point_expiry": "ポイントの期限",
    "area_limits": "使える場所",
    "min_grant": "1回の付与の下限",
    "max_grant": "1回の付与の上限",
    "daily_cut_off": "1日の締め時刻",
    "application_deadline_days": "申込みを締め切る日数",
    "support_contact": "問い合わせ先",
    "terms_url": "利用規約のアドレス",
    "special_terms_version": "特約の版",
    "launch_url": "アプリをひらくアドレス",
    "services": "決済サービス",
}
_GROUPS = {
    "main": "主担当",
    "deputy": "副担当",
    "technical": "技術担当",
    "main_contact": "主担当",
    "deputy_contact": "副担当",
    "technical_contact": "技術担当",
    "organisation": "",
    "contacts": "",
    "plan": "",
    "compliance": "",
    "services": "決済サービス",
    "guideline": "",
    "documents": "書類",
}
_CHOICES = {
    "municipality_kind": MUNICIPALITY_KINDS,
    "kind": SERVICE_KINDS,
    "wanted_kinds": SERVICE_KINDS,
    "grant_types": GRANT_TYPES,
    "licences": LICENCES,
    "account_kind": {"ordinary": "普通", "current": "当座"},
    "receive_method": {"automatic": "自動", "user_action_required": "利用者の操作が要る"},
}


def label_of(path: str) -> str:
    """The words for a field: ``contacts.main.email`` is 主担当のメールアドレス."""
    parts = [p for p in path.split(".") if not p.isdigit()]
    groups = [_GROUPS.get(p, p) for p in parts[:-1]]
    name = LABELS.get(parts[-1], _GROUPS.get(parts[-1], parts[-1]))
    return "の".join([g for g in groups if g] + [name])


def value_in_words(name: str, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, list | tuple):
        return "、".join(value_in_words(name, v) for v in value)
    if value is None or value == "":
        return ""
    text = str(value)
    if name == "budget_approved_on" and len(text) == 10 and text[4] == "-":
        return day(text)
    if name in ("planned_budget_yen", "min_grant", "max_grant") and text.isdigit():
        return f"{int(text):,}円"
    return _CHOICES.get(name, {}).get(text, text)


def _rows(section: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    return [
        (prefix + LABELS.get(name, name), value_in_words(name, value))
        for name, value in section.items()
        if value not in ([], "") or name in ("name", "email", "phone")
    ]


def sections_of(registration: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The whole form in words, page by page."""
    return [
        {
            "step": step,
            "title": title_of(step, kind),
            "rows": _section_rows(registration, kind, step),
        }
        for step in STEPS[kind]
        if step != "check"
    ]


def _section_rows(registration: dict[str, Any], kind: str, step: str) -> list[tuple[str, str]]:
    saved = registration["form"]
    if step == "documents":
        return [
            (s["label"], (s["document"] or {}).get("name", "")) for s in registration["documents"]
        ]
    if step == "services":
        return [row for n, s in enumerate(saved["services"], 1) for row in _rows(s, f"{n} ")]
    if step == "contacts":
        return [
            row
            for who, words in PEOPLE[kind]
            for row in _rows(saved["contacts"][who], f"{words}の")
        ]
    return _rows(saved[step])


def overtaken(step: str, theirs: Form, mine: Form) -> list[tuple[str, str, str]]:
    """Where somebody else saved another value than was typed: the field, theirs, mine."""
    found = []
    for field in dict.fromkeys(theirs.values):
        path = field.replace("_", ".", 1) if step == "contacts" else field
        if field.startswith("budget_approved_on") or theirs.all(field) == mine.all(field):
            continue
        name = path.rsplit(".", 1)[-1]
        values = (value_in_words(name, form.all(field)) for form in (theirs, mine))
        found.append((label_of(path), *values))
    return [(label, before, after) for label, before, after in found if before != after]
