"""Words of orders, statements, cases and settlements (portal.md 6.3)."""

#: Where an order stands, as its provider sees it.
ORDERS = {
    "reserved": ("off", "準備中"),
    "queued": ("off", "送信待ち"),
    "sent": ("run", "回答待ち"),
    "accepted": ("run", "受付済"),
    "granted": ("ok", "付与済"),
    "rejected": ("no", "付与せず"),
    "unknown": ("act", "結果を確認中"),
    "cancel_requested": ("act", "取消を確認中"),
    "cancelled": ("off", "取消"),
    "too_late": ("act", "取消の準備中"),
    "reversal_sent": ("act", "付与の取消を依頼中"),
    "reversed": ("off", "付与を取消済"),
    "reversal_failed": ("no", "付与を取り消せず"),
    "written_off": ("off", "取消をあきらめ"),
}
#: What was asked of a provider, and how that ended.
ACTS = {
    "check": "口座の確認",
    "grant": "付与の依頼",
    "inquiry": "結果の照会",
    "cancel": "取消",
    "reversal": "付与の取消の依頼",
}
OUTCOMES = {
    "under_way": ("run", "進行中"),
    "answered": ("ok", "回答あり"),
    "unknown": ("act", "回答がわからない"),
    "not_sent": ("off", "送れなかった"),
    "refused": ("no", "断られた"),
    "fed": ("ok", "配信に載せた"),
}
RESULTS = {
    "accepted": "受け付けた",
    "granted": "付与した",
    "rejected": "付与しない",
    "not_found": "見つからない",
    "reversed": "付与を取り消した",
    "reversal_refused": "付与を取り消せない",
}
VERDICTS = {
    "apply": ("ok", "反映"),
    "ignore": ("off", "すでに聞いた内容"),
    "conflict": ("act", "食い違い"),
    "unknown_order": ("act", "依頼が見つからない"),
}
#: How a line of a statement compares.
CLASSES = {
    "matched": ("ok", "一致"),
    "date_shift": ("ok", "日付の違い"),
    "repeated": ("off", "前に受け取った行"),
    "missing_here": ("act", "こちらに付与の記録なし"),
    "missing_there": ("act", "明細になし"),
    "amount": ("act", "金額の違い"),
    "double": ("act", "二重"),
    "wrong_person": ("no", "別の方"),
}
CASES = {
    "contradiction": "付与したあとの打ち消し",
    "late_grant": "断ったあとの付与",
    "amount": "金額の違い",
    "wrong_person": "別の方への付与",
    "double": "二重の付与",
    "missing_there": "明細にない付与",
    "missing_here": "心当たりのない明細の行",
    "unknown_order": "心当たりのない依頼への回答",
    "odd_answer": "読み取れない回答",
    "link_stop": "受け取り先の停止",
    "mislink": "まちがった紐づけ",
}
CASE_STATES = {"open": ("act", "確認中"), "closed": ("ok", "解決済")}
RESOLUTIONS = {
    "agreed": "明細と一致したため、自動で解決",
    "adopted": "この付与を正しいものとして、自動で解決",
    "not_granted": "明細になく、付与はなかったとして解決",
    "accepted": "付与を認めて、予算から支払う",
    "returned": "付与を取り消してもらう",
    "no_action": "そのままでよい",
}
#: What a municipality may want done about a grant: the word, and what follows.
WISHES = {
    "reversal": ("付与を取り消す", "決済事業者に、ポイントを取り戻すよう依頼します"),
    "write_off": (
        "取り戻すのをあきらめる",
        "ポイントはそのまま残り、決済事業者への支払いもそのままです",
    ),
}
#: In which state which of them can be wanted.
WISHED = {"granted": ("reversal",), "reversal_failed": ("reversal", "write_off")}
#: Why a link was stopped.
STOPS = {
    "mislink": "別の方に紐づいていた",
    "lost": "紛失・盗難の届け出があった",
    "closed": "解約された",
    "deceased": "亡くなられた",
    "fraud": "悪用のおそれがある",
}
OWNERS = {"municipality": "自治体", "provider": "決済事業者", "secretariat": "事務局"}
SETTLEMENTS = {
    "open": ("off", "集計中"),
    "closed": ("off", "締め切り"),
    "statement_issued": ("act", "決済事業者の確認待ち"),
    "confirmed_by_provider": ("act", "自治体の承認待ち"),
    "approved_by_municipality": ("run", "請求待ち"),
    "invoiced": ("act", "支払い待ち"),
    "paid": ("ok", "支払い済"),
}
#: What the next step of a settlement is called on its button.
STEPS = {
    "confirmed_by_provider": "内容を確かめました",
    "approved_by_municipality": "精算を承認する",
    "invoiced": "請求したことを記録する",
    "paid": "支払ったことを記録する",
}
