"""A resident's applications in easy Japanese and in English: every status and task has its words, and its day."""

import pytest

from gateway.portal.doors import RESIDENT
from gateway.portal.residents.tongues import TONGUES
from gateway.portal.residents.words import STATUS, WAITING
from tests.gateway.portal.test_own_measures import Registry
from tests.gateway.portal.test_resident_pages import ID, Client, client, look, services

__all__ = ["client", "services"]


def item(word: str, act: str | None = None) -> dict[str, object]:
    following = {"act": act, "by": "2027-01-31T15:00:00Z"} if act else None
    return {
        "id": ID,
        "entitlement_id": ID,
        "title": "子育て応援ポイント",
        "municipality_name": "小松市",
        "amount_yen": 3000,
        "reference": "K-7F3M-20B9",
        "status": {"word": word, "next": following},
    }


@pytest.mark.parametrize("variant", sorted(TONGUES))
def test_no_word_is_missing(variant: str) -> None:
    tongue = TONGUES[variant]
    assert tongue.status.keys() == STATUS.keys()
    assert tongue.acts.keys() == WAITING.keys()
    assert tongue.nav.keys() == dict(RESIDENT.nav).keys()


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("en", ("Your data", "Choose where to receive", "by 31 Jan 2027", "Credited")),
        ("easy", ("つぎに すること", "2027年 1月 31日までに", "来ました", "3,000円の ポイント")),
    ],
)
async def test_the_page_says_what_to_do_and_by_when(
    client: Client, services: Registry, variant: str, words: tuple[str, ...]
) -> None:
    items = [item("承認", "allocate"), item("付与済"), item("審査中", "wait")]
    services.say("GET", "/api/v1/benefits/own-applications", {"items": items, "next": None})
    status, text = await look(client, f"/{variant}/my")
    assert status == 200
    for one in words:
        assert one in text
    assert "準備中" not in text and 'href="/my" lang="ja"' in text


@pytest.mark.parametrize(
    ("variant", "words"), [("en", "You have not applied"), ("easy", "まだ 申し込んで いません")]
)
async def test_somebody_who_has_not_applied_is_told_so(
    client: Client, services: Registry, variant: str, words: str
) -> None:
    services.say("GET", "/api/v1/benefits/own-applications", {"items": [], "next": None})
    status, text = await look(client, f"/{variant}/my")
    assert status == 200 and words in text
