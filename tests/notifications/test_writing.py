"""Every template: all its values stand in the letter, and one that is missing is refused."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from chassis.refusal import Invalid
from contracts.notifications import ACCOUNT_LETTERS
from services.notifications.model.announcement import LANGUAGES
from services.notifications.model.writing import (
    LONGEST_SUBJECT,
    PREFIX,
    Value,
    missing,
    newest,
    twin,
    written,
)

_FRAME: dict[str, Value] = {
    "addressee": "青葉市 佐藤 花子さま",
    "public_url": "http://portal.example",
}
_ACCOUNT: dict[str, Value] = {
    "organisation_name": "青葉市",
    "sign_in_id": "m041017-01",
    "link": "http://portal.example/accounts/confirm/abc",
    "expires_at": datetime(2026, 11, 25, 0, 31, tzinfo=UTC),
    "change": "recovery_code_used",
}
_ENTRY: dict[str, Value] = {"registered_name": "青葉市", "effective_on": date(2026, 12, 1)}
_MEASURE: dict[str, Value] = {"organisation_name": "青葉市", "title": "子育て応援ポイント"}
_IMPORT: dict[str, Value] = {
    "organisation_name": "青葉市",
    "what": "対象者リスト",
    "rows": "100,000",
}
_SESSION: dict[str, Value] = {
    "title": "第4回 実務検討会",
    "words": "日時：12月14日（木）14:00\n場所：オンライン",
    "session_id": "01900000-0000-7000-8000-000000000801",
}
_PARTNER: dict[str, Value] = {"partner": "なぎさ電子決済株式会社"}
_LINK = {"link_until": datetime(2026, 12, 10, 0, 31, tzinfo=UTC)}
_FROM = {"effective_at": datetime(2026, 12, 10, 15, tzinfo=UTC)}
_UNTIL = {"apply_until": datetime(2026, 12, 25, 15, tzinfo=UTC)}
_APPLICATION: dict[str, Value] = {"organisation_name": "青葉市", "reference": "R5-M-0113"}
_OWN: dict[str, Value] = {"municipality": "小松市", "title": "子育て応援"}
_OWN_APPLICATION: dict[str, Value] = {**_OWN, "reference": "K-7F3M-20B9"}
_OWN_POINTS: dict[str, Value] = {**_OWN, "amount": 3_000}
_OPEN: dict[str, Value] = {**_OWN_POINTS, "allocate_by": date(2027, 1, 31)}

#: What each letter to a resident is written from; in every language.
RESIDENTS: dict[str, dict[str, Value]] = {
    "address_confirm": {"link": _ACCOUNT["link"], "expires_at": _ACCOUNT["expires_at"]},
    "application_received": _OWN_APPLICATION,
    "application_waiting": _OWN_APPLICATION,
    "application_moved_up": _OWN_APPLICATION,
    "application_returned": {
        **_OWN_APPLICATION,
        "why": "evidence_missing",
        "answer_by": date(2026, 12, 8),
    },
    "application_rejected": {**_OWN_APPLICATION, "why": "evidence_missing"},
    "application_revoked": {**_OWN_APPLICATION, "why": "evidence_missing"},
    "points_issued": _OPEN,
    "points_on_their_way": _OWN_POINTS,
    "points_near": {**_OPEN, "days": 7},
    "points_granted": {**_OWN_POINTS, "service": "ひだまりPay"},
    "points_expired": _OPEN,
    "allocation_failed": {**_OPEN, "service": "ひだまりPay", "refusal": "ALREADY_LINKED"},
    "link_stopped": {"service": "ひだまりPay", "cause": "mislink", "held": 2},
    "link_resumed": {"service": "ひだまりPay", "held": 2},
}

#: What each letter is written from, and how the values are read in it where they are not words already.
VALUES: dict[str, dict[str, Value]] = {
    **{
        name: {value: _ACCOUNT[value] for value in needed}
        for name, needed in ACCOUNT_LETTERS.items()
    },
    **RESIDENTS,
    "account_closed": {"organisation_name": "青葉市", "reason": "統合のため"},
    "follow_confirm": {"link": _ACCOUNT["link"], "expires_at": _ACCOUNT["expires_at"]},
    "mailing": {"organisation_name": "青葉市", "title": "説明会", "words": "12月に行います"},
    "registration_received": _APPLICATION,
    "registration_arrived": {"applicant": "青葉市", "reference": "R5-M-0113"},
    "registration_under_review": _APPLICATION,
    "registration_returned": {
        **_APPLICATION,
        "message": "様式2の3ページ目\n印影が読めません",
        "correct_by": date(2026, 12, 12),
    },
    "registration_rejected": {**_APPLICATION, "message": "対象の団体ではありません"},
    "registration_completed": {**_ENTRY, "reference": "R5-M-0113"},
    "registration_taken_back": _APPLICATION,
    "change_received": {"organisation_name": "青葉市"},
    "change_arrived": {"applicant": "青葉市"},
    "change_approved": {"organisation_name": "青葉市"},
    "change_rejected": {"organisation_name": "青葉市", "message": "書類が足りません"},
    "organisation_changed": {**_ENTRY, "changed": ("name", "name_kana", "contact")},
    "organisation_suspended": {**_ENTRY, "reason": "確認中のため"},
    "organisation_resumed": _ENTRY,
    "organisation_withdrawn": {**_ENTRY, "reason": "事業の終了"},
    "match_proposed": {**_PARTNER, "answer_by": date(2026, 12, 8)},
    "match_accepted": _PARTNER,
    "match_declined": {**_PARTNER, "reason": "今年度は難しいため"},
    "match_withdrawn": {**_PARTNER, "reason": "予算が付かなかったため"},
    "match_expired": _PARTNER,
    "match_activated": {**_PARTNER, "effective_on": date(2026, 12, 1)},
    "match_ended": {**_PARTNER, "effective_on": date(2026, 12, 1), "reason": "契約の終わり"},
    "contract_delayed": {**_PARTNER, "until": datetime(2026, 12, 7, 21, tzinfo=UTC)},
    "contract_sent": {**_PARTNER, **_LINK},
    "contract_reminded": {**_PARTNER, **_LINK},
    "contract_link_expired": _PARTNER,
    "contract_bounced": _PARTNER,
    "contract_send_failed": {**_PARTNER, "message": "addressee not allowed"},
    "contract_concluded": {
        **_PARTNER,
        "valid_from": date(2026, 4, 1),
        "valid_until": date(2027, 3, 31),
    },
    "contract_rejected": {**_PARTNER, "message": "署名者が却下しました。"},
    "contract_cancelled": {**_PARTNER, "reason": "日付を直します"},
    "contract_ended": {**_PARTNER, "ended_on": date(2027, 3, 31), "reason": "期間の終わり"},
    "session_seat": _SESSION,
    "session_near": _SESSION,
    "import_read": {**_IMPORT, "result": "直すところはありません。"},
    "import_ended": {**_IMPORT, "result": "すべての行を取り込みました。"},
    "measure_submitted": _MEASURE,
    "measure_arrived": {"municipality": "青葉市", "title": "子育て応援ポイント"},
    "measure_returned": {**_MEASURE, "by": "事務局", "message": "契約書の日付が違います"},
    "measure_published": {
        **_MEASURE,
        **_UNTIL,
        "apply_from": datetime(2026, 12, 10, 15, tzinfo=UTC),
    },
    "measure_opened": {**_MEASURE, **_FROM, **_UNTIL},
    "measure_paused": {**_MEASURE, **_FROM, "reason": "契約がなくなったため"},
    "measure_closed": {**_MEASURE, **_FROM, "reason": "定員に達したため\n満員です"},
}

_STOP = "http://portal.example/follow/abc"
_PAGE = "http://portal.example/notices"
_WINDOW: dict[str, Value] = {
    "system": "マチポ",
    "starts_at": datetime(2026, 12, 4, 12, 0, tzinfo=UTC),
    "ends_at": datetime(2026, 12, 4, 15, 0, tzinfo=UTC),
    "impact": "申込みができません",
}
_NOTICE: dict[str, Value] = {"title": "要領の改定", "words": "第3条が変わりました"}

#: What each announcement is written from; in every language.
NEWS: dict[str, dict[str, Value]] = {
    "maintenance_announced": _WINDOW,
    "maintenance_changed": {**_WINDOW, "happened": "changed", "before": "12月1日（火）まで"},
    "measure_news": {
        "happened": "published",
        "place": "小松市",
        "title": "子育て応援",
        "apply_from": _WINDOW["starts_at"],
        "apply_until": _WINDOW["ends_at"],
        "words": "お子さまのいる方へ",
    },
    "register_news": {
        "happened": "registered",
        "name": "小松市",
        "effective_on": date(2026, 12, 4),
    },
    "notice": _NOTICE,
    "notice_corrected": _NOTICE,
    "digest": {
        "count": 2,
        "begins_on": date(2026, 12, 3),
        "ends_on": date(2026, 12, 4),
        "lines": ("・一つ目", "・二つ目"),
    },
}
_STOPPABLE: dict[str, Value] = {
    "public_url": "http://portal.example",
    "page": _PAGE,
    "stop": _STOP,
}

_READ_AS = {
    "amount": "3,000円分",
    "allocate_by": "1月31日（日）",
    "days": "あと7日",
    "why": "書類が足りませんでした",
    "refusal": "別の方が使っています",
    "cause": "別の方の番号かもしれない",
    "held": "2件のポイント",
    "expires_at": "11月25日（水）09:31",
    "effective_on": "12月1日（火）",
    "effective_at": "12月11日（金）00:00",
    "apply_from": "12月11日（金）00:00",
    "apply_until": "12月26日（土）00:00",
    "correct_by": "12月12日（土）",
    "answer_by": "12月8日（火）",
    "until": "12月8日（火）06:00",
    "link_until": "12月10日（木）09:31",
    "valid_from": "4月1日（水）",
    "valid_until": "3月31日（水）",
    "ended_on": "3月31日（水）",
    "changed": "名称、名称（カナ）、登録の内容",
    "change": "回復コード",
}


def test_every_template_is_tested_here() -> None:
    assert newest().keys() == VALUES.keys() | NEWS.keys()


@pytest.mark.parametrize("template", sorted(VALUES))
def test_a_letter_shows_all_its_values(template: str) -> None:
    letter = written(template, VALUES[template] | _FRAME)
    for name, value in (VALUES[template] | _FRAME).items():
        assert _READ_AS.get(name, value) in letter.text, name  # type: ignore[operator]


@pytest.mark.parametrize("template", sorted(VALUES))
def test_a_subject_is_short_and_says_from_whom(template: str) -> None:
    subject = written(template, VALUES[template] | _FRAME).subject
    assert subject.startswith(PREFIX)
    assert 0 < len(subject.removeprefix(PREFIX)) <= LONGEST_SUBJECT


@pytest.mark.parametrize("template", sorted(VALUES))
def test_a_letter_ends_with_the_words_that_are_always_there(template: str) -> None:
    last = written(template, VALUES[template] | _FRAME).text.splitlines()[-2:]
    assert last[0] == "マチポはメールで暗証番号や会員番号をたずねません。"
    assert "止め" in last[1] or "変えられます" in last[1]


@pytest.mark.parametrize(
    ("template", "name"),
    [(letter, name) for letter in sorted(VALUES) for name in VALUES[letter] | _FRAME],
)
def test_a_letter_without_one_of_its_values_is_refused(template: str, name: str) -> None:
    values: Mapping[str, Value] = VALUES[template] | _FRAME
    with pytest.raises(Invalid, match=name):
        written(template, {k: v for k, v in values.items() if k != name})
    with pytest.raises(Invalid, match=name):
        written(template, {**values, name: ""})


_READ_AS_IN = {
    "easy": {
        **_READ_AS,
        "days": "あと 7日",
        "why": "書類が 足りません",
        "refusal": "別の 人の ものです",
        "cause": "別の 人の 番号かも しれない",
        "held": "2つ",
    },
    "en": {
        "amount": "3,000 yen worth of points",
        "allocate_by": "Sun 31 Jan",
        "answer_by": "Tue 8 Dec",
        "expires_at": "Wed 25 Nov 09:31",
        "days": "7 days",
        "why": "papers were missing",
        "refusal": "somebody else uses that account",
        "cause": "may be somebody else's",
        "held": "(2)",
    },
}


@pytest.mark.parametrize("language", sorted(_READ_AS_IN))
@pytest.mark.parametrize("template", sorted(RESIDENTS))
def test_a_letter_to_a_resident_says_the_same_in_every_language(
    template: str, language: str
) -> None:
    letter = written(template, RESIDENTS[template] | _FRAME, language)
    assert letter.language == language
    for name, value in RESIDENTS[template].items():
        assert _READ_AS_IN[language].get(name, value) in letter.text, name  # type: ignore[operator]
    assert len(letter.subject) <= 2 * LONGEST_SUBJECT + len("[Machipo] ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["application_rejected", "allocation_failed"])
def test_a_code_nobody_knows_yet_is_not_shown_to_a_resident(template: str, language: str) -> None:
    values = RESIDENTS[template] | _FRAME | {"why": "NEW_CODE", "refusal": "NEW_CODE"}
    assert "NEW_CODE" not in written(template, values, language).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", sorted(NEWS))
def test_news_can_be_read_and_stopped_in_every_language(template: str, language: str) -> None:
    values = NEWS[template] | _STOPPABLE
    letter = written(template, values, language)
    assert letter.language == language
    assert {_PAGE, _STOP} <= set(letter.text.splitlines())
    said = [value for value in values.values() if isinstance(value, str)]
    coded = {"changed", "published", "registered"}
    assert [value for value in said if value not in letter.text and value not in coded] == []
    assert len(letter.subject) <= LONGEST_SUBJECT + len("[Machipo] ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("template", "name"),
    [(news, name) for news in sorted(NEWS) for name in NEWS[news] | _STOPPABLE],
)
def test_news_without_one_of_its_values_is_refused(template: str, name: str, language: str) -> None:
    values: Mapping[str, Value] = NEWS[template] | _STOPPABLE
    with pytest.raises(Invalid, match=name):
        written(template, {k: v for k, v in values.items() if k != name}, language)


def test_no_language_of_any_news_is_missing_and_one_that_is_would_be_found() -> None:
    assert {name: lacking for name, lacking in missing(LANGUAGES).items() if lacking} == {}
    assert missing(["ja", "fr"])["notice"] == ["fr"]
    assert missing(LANGUAGES).keys() == NEWS.keys() - {"digest"}


def test_a_template_nobody_wrote_is_refused() -> None:
    with pytest.raises(Invalid, match="letter-template-unknown"):
        written("nothing", _FRAME)


def test_a_link_in_an_account_letter_may_be_left_out_where_the_page_offers_it() -> None:
    text = written("account_issued", VALUES["account_issued"] | _FRAME).text
    assert "リンク" not in text
    values = VALUES["account_issued"] | _FRAME
    values |= {"link": _ACCOUNT["link"], "expires_at": _ACCOUNT["expires_at"]}
    assert "http://portal.example/accounts/confirm/abc" in written("account_issued", values).text


def test_the_twin_says_the_same_and_follows_only_our_links() -> None:
    values = VALUES["registration_returned"] | _FRAME
    values["message"] = "<b>太字</b>\nhttp://elsewhere.example\n<script>alert(1)</script>"
    letter = written("registration_returned", values)
    html = twin(letter.subject, letter.text, ["http://portal.example"])
    assert '<a href="http://portal.example">' in html
    assert 'href="http://elsewhere' not in html and "<script" not in html and "<b>" not in html
    assert "&lt;b&gt;太字&lt;/b&gt;" in html and letter.subject in html


def test_a_subject_stays_on_one_line() -> None:
    assert "\n" not in written("account_link", VALUES["account_link"] | _FRAME).subject
