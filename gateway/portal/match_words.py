"""Words of matches and contracts: states, steps, conditions (portal.md 6.3)."""

from typing import Any

from gateway.portal.words import day, moment

MATCHES = {
    "proposed": ("act", "回答待ち"),
    "accepted": ("go", "承諾済"),
    "declined": ("no", "辞退"),
    "withdrawn": ("off", "取り下げ"),
    "expired": ("off", "期限切れ"),
    "contract_preparing": ("run", "契約の準備中"),
    "contract_out": ("run", "契約の確認中"),
    "contracted": ("ok", "契約済"),
    "active": ("ok", "実施中"),
    "ended": ("off", "終了"),
}
CONTRACTS = {
    "drafting": ("off", "準備中"),
    "ready": ("run", "送信待ち"),
    "sending": ("run", "送信中"),
    "out": ("run", "先方確認中"),
    "concluded": ("ok", "締結完了"),
    "cancelled": ("off", "取消"),
    "rejected": ("no", "却下"),
    "send_failed": ("act", "送信失敗"),
    "bounced": ("act", "メール不達"),
    "ended": ("off", "終了"),
}
SIGNERS = {
    "waiting": ("off", "順番待ち"),
    "asked": ("run", "確認中"),
    "opened": ("run", "開封済"),
    "agreed": ("ok", "同意"),
    "rejected": ("no", "却下"),
    "bounced": ("act", "メール不達"),
}
SIDES = {
    "municipality": "自治体",
    "provider": "決済事業者",
    "secretariat": "事務局",
    "system": "自動",
}
FUNDING = {
    "prefunding": "前もって原資を預ける",
    "invoice": "付与のあとで請求を受けて払う",
}
DATA_FIELDS = {
    "account_last4": "受け取り先の番号の下4けた",
    "granted_at": "付与の日時",
    "grant_result": "付与の結果",
    "purchase_total": "買い物の合計額",
    "charge_total": "チャージの合計額",
    "used_total": "使われたポイントの合計",
}
#: act → how it is drawn, what happened
_STEPS = {
    "proposed": ("key", "提案"),
    "accepted": ("ok", "承諾"),
    "declined": ("no", "辞退"),
    "withdrawn": ("", "取り下げ"),
    "expired": ("", "回答の期限切れ"),
    "activated": ("ok", "マッチングの開始"),
    "contract_drafted": ("key", "契約書の作成"),
    "contract_ready": ("key", "契約の送信の指示"),
    "contract_sent": ("ok", "契約の送信"),
    "contract_reminded": ("", "契約の確認の再通知"),
    "contract_link_expired": ("act", "契約のリンクの期限切れ"),
    "contract_bounced": ("act", "契約のメールの不達"),
    "contract_send_failed": ("act", "契約の送信の失敗"),
    "contract_concluded": ("ok", "契約の締結"),
    "contract_rejected": ("no", "契約の却下"),
    "contract_cancelled": ("", "契約の取消"),
    "notice_given": ("act", "解約の申し出"),
    "contract_ended": ("", "契約の終了"),
    "remind_refused": ("act", "再通知の失敗"),
    "cancel_refused": ("act", "取消の失敗"),
}


def told(step: dict[str, Any]) -> dict[str, str]:
    """A step of a match, for its timeline."""
    family, title = _STEPS.get(step["act"], ("", step["act"]))
    return {
        "family": family,
        "title": f"{title}（{SIDES.get(step['side'], '')}）",
        "at": step["at"],
        "at_words": moment(step["at"]),
        "text": step["message"],
    }


def conditions_in_words(terms: dict[str, Any]) -> list[tuple[str, str]]:
    """The conditions of a match, line by line."""
    fee = (
        f"付与1件につき {terms['fee_per_grant']:,}円"
        if terms["fee_per_grant"] is not None
        else f"付与した額の {terms['fee_basis_points'] / 100:g}%"
    )
    fields = "、".join(DATA_FIELDS.get(f, f) for f in terms["data_fields"])
    volume = terms["minimum_volume"]
    return [
        ("手数料", fee),
        ("件数の見込み", f"{volume:,}件以上" if volume else "定めない"),
        ("原資", FUNDING.get(terms["funding"], terms["funding"])),
        ("付与の依頼の締め", f"{terms['cutoff_days']}営業日前"),
        ("知らせてもらう項目", fields or "合計だけ"),
    ]


#: step → its words; the last one of them that has begun is where a contract stands
CONTRACT_STEPS = (
    ("drafting", "準備"),
    ("ready", "送信待ち"),
    ("out", "先方確認中"),
    ("concluded", "締結完了"),
)
_PLACE = {"drafting": 0, "ready": 1, "sending": 1, "send_failed": 1, "out": 2, "bounced": 2}


def contract_line(contract: dict[str, Any]) -> list[dict[str, str]]:
    """The step line of a contract: what is done, where it stands, until when."""
    state = contract["state"]
    place = _PLACE.get(state, 4 if state in ("concluded", "ended") else 2)
    notes = ["", _waiting(contract), _link(contract), ""]
    return [
        {
            "words": words,
            "how": "done" if at < place else ("now" if at == place else ""),
            "note": notes[at] if at == place else "",
        }
        for at, (_, words) in enumerate(CONTRACT_STEPS)
    ]


def _waiting(contract: dict[str, Any]) -> str:
    until = contract["delayed_until"]
    return f"{moment(until)}より後に送ります" if until else "まもなく送ります"


def _link(contract: dict[str, Any]) -> str:
    if contract["link_expired_at"]:
        return "リンクの期限が切れました"
    return f"{day(contract['link_until'])}に期限" if contract["link_until"] else ""
