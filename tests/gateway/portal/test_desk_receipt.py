"""The end of a desk session: a receipt to print, masked, and no end without the card given back."""

from typing import Any

import pytest

from services.benefits.api.own_desk import DeskActs
from tests.gateway.portal.test_own_measures import Registry
from tests.gateway.portal.test_resident_pages import AT, ID, Client, client, look, press, services

__all__ = ["client", "services"]

BEN = "/api/v1/benefits"
ACT = {"title": "子育て応援", "municipality_name": "小松市", "amount_yen": 3000, "at": AT}
ACTS = {
    "applications": [ACT | {"reference": "K-7F3M-20B9"}],
    "allocations": [ACT | {"order_id": ID, "service_name": "ひだまりPay", "account_end": "4821"}],
}
WAITING = {
    "title": "健康ポイント",
    "status": {"word": "承認", "next": {"act": "allocate", "by": "2027-01-31T15:00:00Z"}},
}


@pytest.fixture
def benefits(services: Registry) -> Registry:
    """Somebody applied and allocated, and has something left to do."""
    done: dict[str, Any] = {"title": "済み", "status": {"word": "付与済", "next": None}}
    services.say("GET", f"{BEN}/own-desk-acts", ACTS)
    services.say("GET", f"{BEN}/own-applications", {"items": [done, WAITING], "next": None})
    return services


def test_the_sample_is_what_benefits_says() -> None:
    DeskActs.model_validate(ACTS)


async def test_the_receipt_shows_what_was_done_and_what_is_left(
    client: Client, benefits: Registry
) -> None:
    status, text = await look(client, "/desk/end", **{"X-Desk": ID})
    assert status == 200
    for words in ("K-7F3M-20B9", "••••4821", "1番窓口", "受け取り先を決める：健康ポイント"):
        assert words in text
    assert "1月31日" in text and "済み：" not in text


async def test_the_receipt_stands_there_while_the_card_is_not_given_back(
    client: Client, benefits: Registry
) -> None:
    status, text = await press(client, "/desk/end", {}, **{"X-Desk": ID})
    assert status == 422
    assert "カードをお返ししたことを確かめてください" in text and "K-7F3M-20B9" in text
