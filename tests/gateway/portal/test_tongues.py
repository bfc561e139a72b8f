"""Pages of residents in English and easy Japanese: no sentence without words, and no way out of the language."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.places import ROOT
from gateway.portal.asking import SERVICES
from gateway.portal.rendering import DONE, TEMPLATES
from gateway.portal.residents.words import EVENTS, REASONS
from gateway.portal.tongues import TONGUES, address_in, spoken
from gateway.portal.tongues.catalogue import japanese, kana, ruby
from gateway.portal.tongues.reading import Reading
from tests.gateway.portal.entries import MEASURE_ID
from tests.gateway.portal.residents import AT, ID, NAMES, TOKEN, application, settle
from tests.gateway.portal.sentences import sentences_of
from tests.gateway.portal.test_own_measures import Registry
from tests.gateway.portal.test_resident_pages import Client, client, look, press
from tests.rig.tongue import Spoken

__all__ = ["client"]
LANGUAGES = sorted(TONGUES)
PORTAL = ROOT / "gateway/portal"
MEASURE = f"/measures/{MEASURE_ID}"
#: Read in easy Japanese as it is written.
_WRITTEN_IN = {"search/easy.html"}
_PARTS = re.compile(r'\{% (?:extends|from) "([^"]+)"')
#: Sources whose sentences stand on pages of residents.
_SAYING = (
    *(PORTAL / "pages/residents").glob("*.py"),
    *(PORTAL / "residents").glob("*.py"),
    PORTAL / "pages/measure.py",
    PORTAL / "measures/words.py",
    PORTAL / "measures/checking.py",
    PORTAL / "errors.py",
    PORTAL / "visit.py",
)
#: Pages of the desk, of its staff and of organisations, in Japanese alone.
_OF_STAFF = {"desks.py", "families.py", "helped.py", "mislinks.py"}
#: Texts that are put together of parts, as they stand on a page; and parts that never stand alone.
_TOGETHER = {
    "{}{}回": "1人につき1回",
    "{}{}歳から{}歳までの方": "申込みの日の年齢が3歳から6歳までの方",
    "{}{}歳以上の方": "2027年4月1日（木）の年齢が65歳以上の方",
    "{}{}歳以下の方": "申込みの日の年齢が18歳以下の方",
    "{}（{}{}年）": "2005年4月2日（平成17年）",
    "{}{}年生まれ": "平成2年生まれ",
    "{}した額の{}%": "買い物した額の25%",
    "上限（1回の{}）": "上限（1回のチャージ）",
    "{}から{}:{}まで": "2027年4月1日（木）10:00から11:00まで",
    "{}（下4けた {}）。{}{}": "0（下4けた 7777）。カードで本人を確かめました。",
    "上限（{}）": "上限（1人につき）",
    "（{}日早い）": "2027年4月1日（木）（2日早い）",
    "（早く締め切ります）": "2027年4月1日（木）（早く締め切ります）",
    "この電子証明書は失効しています。{}お住まいの市区町村の窓口で新しくしてください。": (
        "この電子証明書は失効しています。カードの紛失の届け出や、再発行がありました。"
        "お住まいの市区町村の窓口で新しくしてください。"
    ),
}
_PARTS_OF = {
    "元",
    "チャージ",
    "買い物",
    "{}の年齢が",
    "申込みの日の年齢が",
    "円分",
    "分",
    "。",
    "{}。{}",
}
#: Where what residents are refused with is said.
_REFUSING = (
    "benefits/model/link.py",
    "benefits/model/attendance.py",
    "benefits/model/allocation.py",
    "benefits/model/application.py",
    "benefits/model/measure.py",
    "benefits/model/entitlement.py",
    "benefits/api/own_allocations.py",
    "benefits/api/own_entitlements.py",
    "benefits/api/evidence.py",
    "benefits/api/asked.py",
    "benefits/store/applications.py",
    "benefits/store/entitlements.py",
    "benefits/store/proofs.py",
    "benefits/store/attendance.py",
    "benefits/store/own_links.py",
    "benefits/store/saved.py",
    "benefits/commands/evidence.py",
    "benefits/commands/keeping.py",
    "benefits/commands/attendance.py",
    "benefits/commands/allocations.py",
    "benefits/commands/claiming.py",
    "benefits/commands/applying.py",
    "identity/model/family.py",
    "identity/model/residents.py",
    "identity/model/certificates.py",
    "identity/card_issuer/cards.py",
    "identity/outside/jpki.py",
    "identity/outside/card_reader.py",
    "identity/commands/cards.py",
    "identity/commands/family.py",
    "identity/commands/proving.py",
    "notifications/commands/residents.py",
)


def _templates(variant: str) -> Iterator[Path]:
    """What is read in a tongue: the templates, what they extend and what they use."""
    names = {str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.html")}
    waiting, seen = [n for n in names if spoken(variant, n)], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _PARTS.findall((TEMPLATES / name).read_text(encoding="utf-8"))
    yield from (TEMPLATES / name for name in sorted(seen - _WRITTEN_IN))


@pytest.mark.parametrize("variant", LANGUAGES)
def test_no_sentence_of_a_template_is_without_words(variant: str) -> None:
    missing = []
    for path in _templates(variant):
        reading = Reading(TONGUES[variant])
        reading.read(path.read_text(encoding="utf-8"))
        missing += [f"{path.name}: {text}" for text in reading.missing]
    assert missing == []


@pytest.mark.parametrize("variant", LANGUAGES)
def test_no_sentence_of_a_page_is_without_words(variant: str) -> None:
    sources = [p for p in _SAYING if p.name not in _OF_STAFF]
    said = {text for path in sources for text in sentences_of(path)}
    done = set(re.findall(r"\?done=(\w+)", "".join(p.read_text("utf-8") for p in sources)))
    said |= {DONE[word] for word in done if word in DONE}
    tongue = TONGUES[variant]
    assert [s for s in said - _PARTS_OF if not tongue.knows(_TOGETHER.get(s, s))] == []


@pytest.mark.parametrize("variant", LANGUAGES)
def test_no_refusal_is_without_words(variant: str) -> None:
    said = {s for name in _REFUSING for s in sentences_of(ROOT / "services" / name) if "。" in s}
    tongue = TONGUES[variant]
    # Who reports a wrong account stands at a desk and reads Japanese.
    said -= {s for s in said if s.startswith("この受付番号で")}
    assert [s for s in said if not tongue.knows(_TOGETHER.get(s, s))] == []


@pytest.mark.parametrize("variant", LANGUAGES)
def test_a_catalogue_is_in_its_own_language_and_fits_into_a_page(variant: str) -> None:
    for key, words in TONGUES[variant].words.items():
        gaps = key.count("{}")
        assert {int(n) for n in re.findall(r"\{(\d)\}", words)} <= set(range(gaps)), key
        assert words.count("{}") in (0, gaps) and not set('"&') & set(words), key
        assert sorted(re.findall(r"<\w>", key)) == sorted(re.findall(r"<\w>", words)), key
        if variant == "en":
            assert not japanese(words), key
        else:
            assert not re.search(r"[\u3400-\u9fff々]", kana(words)), key


def test_a_text_is_said_with_what_is_filled_in_and_a_name_is_marked() -> None:
    english, easy = TONGUES["en"], TONGUES["easy"]
    assert english.said("2027年1月31日（日）まで") == "by 31 Jan 2027"
    assert english.said("小松市が確かめる") == '<span lang="ja">小松市</span> checks'
    assert english.said("暗証番号がちがいます。あと2回まちがえるとロックされます。").endswith(".")
    assert (
        english.said("<b>") == "<b>"
        and english.said("花<b>") == '<span lang="ja">花&lt;b&gt;</span>'
    )
    assert english.plainly("平成2年生まれ") == "born in 1990"
    assert easy.said("確かめる") == "たしかめる"
    assert easy.plainly("申し込む") == "もうしこむ"
    assert "<rt>もう</rt>" in easy.said("申し込む")
    assert ruby("1月《がつ》") == "1<ruby>月<rp>(</rp><rt>がつ</rt><rp>)</rp></ruby>"


@pytest.mark.parametrize(
    ("address", "onwards"),
    [
        ("/", "/en"),
        ("/?done=signed_out", "/en?done=signed_out"),
        ("/my?a=1", "/en/my?a=1"),
        ("/en/my", "/en/my"),
        ("/easy/my", "/easy/my"),
        ("/desk/now", "/desk/now"),
        ("/municipality", "/municipality"),
        ("//elsewhere.example", "//elsewhere.example"),
        ("?after=c2", "?after=c2"),
    ],
)
def test_an_address_stays_in_its_language(address: str, onwards: str) -> None:
    assert address_in("en", address) == onwards
    assert address_in("ja", address) == address


@pytest.fixture
async def services(client: Client) -> AsyncIterator[Registry]:
    assert client.app is not None
    found = client.app[SERVICES]
    assert isinstance(found, Registry)
    settle(found)
    yield found


def _judge(variant: str, path: str, text: str) -> None:
    page = Spoken(text, NAMES)
    assert page.lang == TONGUES[variant].lang and "準備中" not in text, path
    assert (path, page.wrong(), page.unknown()) == (path, [], set())
    astray = [a for a in page.leads if a.startswith("/") and not a.startswith(f"/{variant}")]
    assert (path, astray) == (path, [])


_LOOKED_AT = (
    MEASURE,
    f"{MEASURE}/apply",
    f"{MEASURE}/apply/who",
    f"{MEASURE}/check",
    "/my",
    "/my?done=signed_out",
    f"/my/applications/{ID}?done=applied",
    f"/my/applications/{ID}/papers?done=uploaded",
    f"/my/entitlements/{ID}/allocate",
    f"/my/grants/{ID}?done=allocated",
    "/my/services",
    "/my/services/new",
    "/my/family",
    "/my/family/new",
    "/my/messages",
    f"/my/messages/{ID}",
    "/my/reads",
    "/my/report",
    "/my/settings",
    f"/my/settings/address/{TOKEN}",
    "/my/attend/abc",
)


@pytest.mark.parametrize("variant", LANGUAGES)
async def test_a_page_is_in_one_language_and_stays_in_it(
    client: Client, services: Registry, variant: str
) -> None:
    for path in _LOOKED_AT:
        status, text = await look(client, f"/{variant}{path}")
        assert (path, status) == (path, 200)
        _judge(variant, path, text)
        # The other languages of the very same page are one step away.
        assert f'href="{path}" lang="ja" hreflang="ja"' in text


_CARD = {"card_id": ID, "pin": "1111"}


@pytest.mark.parametrize("variant", LANGUAGES)
async def test_a_resident_walks_both_operations_in_one_language(
    client: Client, services: Registry, variant: str
) -> None:
    own = f"/{variant}{MEASURE}/apply"
    # Nobody walks through it again who applied already: that is told on its first page.
    services.say("GET", "/api/v1/benefits/own-applications", {"items": [], "next": None})
    whom = {"person_id": ID, "statements": "0", "receive": "later"}
    allocate = f"/{variant}/my/entitlements/{ID}/allocate"
    where = {"service": "nagisa-money", "account_id": "4821 0000"}
    keep = f"/{variant}/my/services/new"
    for path, fields, expected in (
        (f"{own}/check", {}, 422),
        (f"{own}/check", whom, 200),
        (f"{own}/done", whom, 422),
        (f"{own}/who", whom, 200),
        (f"{allocate}/check", {}, 422),
        (f"{allocate}/check", where, 200),
        (f"{allocate}/done", where, 422),
        (f"{keep}/check", {}, 422),
        (f"{keep}/check", where, 200),
        (f"/{variant}{MEASURE}/check", {}, 422),
        (f"/{variant}/my/family/new", {}, 422),
        (f"/{variant}/my/report", {}, 422),
        (f"/{variant}/my/settings/address", {}, 422),
    ):
        status, text = await press(client, path, fields)
        assert (path, status) == (path, expected)
        _judge(variant, path, text)
    done = await press(client, f"{own}/done", whom | _CARD | {"agree": "yes"})
    assert done == (303, f"/{variant}/my/applications/{ID}?done=applied")
    done = await press(client, f"{allocate}/done", where | _CARD)
    assert done == (303, f"/{variant}/my/grants/{ID}?done=allocated")
    assert (await press(client, f"{keep}/done", where | _CARD))[1].startswith(f"/{variant}/my")


@pytest.mark.parametrize("variant", LANGUAGES)
@pytest.mark.parametrize(
    ("problem", "status"),
    [
        ({"detail": "別の方のカードです。いまの方の手続きを終えてから始めてください。"}, 409),
        ({"detail": "暗証番号がちがいます。あと2回まちがえるとロックされます。"}, 422),
    ],
)
async def test_a_refusal_is_said_in_the_language(
    client: Client, services: Registry, variant: str, problem: dict[str, str], status: int
) -> None:
    services.say("POST", "/api/v1/identity/card/simulated/readings", problem, status)
    where = {"service": "nagisa-money", "account_id": "4821 0000"}
    path = f"/{variant}/my/entitlements/{ID}/allocate/done"
    told, text = await press(client, path, where | _CARD)
    assert told == 422
    _judge(variant, path, text)
    services.answers.clear()
    for path in (f"/{variant}/my/reads", f"/{variant}{MEASURE}"):
        _, text = await look(client, path)
        _judge(variant, path, text)


@pytest.mark.parametrize("variant", LANGUAGES)
async def test_what_is_said_of_mail_that_comes_back_has_its_words(
    client: Client, services: Registry, variant: str
) -> None:
    alone = {"session_id": ID, "created_at": AT, "last_seen_at": AT, "at_desk": False}
    services.say("GET", "/api/v1/identity/own-sessions", {"items": [alone | {"current": True}]})
    path = "/api/v1/notifications/own-settings"
    found = services.answers["GET", path].json() | {"asked_bounced": True}
    services.say("GET", path, found)
    status, text = await look(client, f"/{variant}/my/settings?done=others_ended")
    assert status == 200
    _judge(variant, "/my/settings", text)


@pytest.mark.parametrize("variant", LANGUAGES)
async def test_every_status_and_event_has_its_words(
    client: Client, services: Registry, variant: str
) -> None:
    events = [{"act": act, "at": AT, "message": ""} for act in EVENTS]
    for reason in REASONS:
        found = {
            "application": application("不承認", reason=reason),
            "events": events,
            "papers": [],
        }
        services.say("GET", f"/api/v1/benefits/own-applications/{ID}", found)
        status, text = await look(client, f"/{variant}/my/applications/{ID}")
        assert status == 200
        _judge(variant, reason, text)


async def test_a_page_without_words_is_shown_in_japanese_and_says_so(
    client: Client, services: Registry
) -> None:
    status, text = await look(client, "/en/how")
    assert status == 200 and 'lang="ja"' in text and "英語版は準備中" in text
    assert 'href="/en/measures"' in text
