"""Made-up measures, as many as wanted and the same each time: for the search, its tests and its bench row."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from contracts.registry import (
    Amount,
    AmountStep,
    Eligibility,
    MeasureEntry,
    MeasurePublished,
    ServiceInScope,
    Text,
    Texts,
)
from contracts.values import (
    EntitlementUnit,
    EntryType,
    GrantType,
    Purpose,
    ReviewMethod,
    municipality_check_digit,
)

#: In the middle of the made-up time: some are open, some are not yet, some no longer.
NOON = datetime(2026, 6, 15, 3, 0, tzinfo=UTC)
_TEXT = """
子育て 支援 給付 医療費 助成 児童 保育所 幼稚園 高齢者 介護 障害者 福祉 就学 援助 住宅 補助 移住 定住 創業
農業 空き家 改修 耐震 診断 太陽光 電気自動車 購入 防災 訓練 避難所 健診 予防接種 妊婦 出産 祝金 奨学金 通学
定期券 結婚 新生活 若者 起業 テレワーク オンライン 相談 スタンプラリー ウォーキング こども 赤ちゃん 入学
商店街 お買い物 応援 ポイント キャンペーン カード 図書館 温泉 バス タクシー 省エネ 家電 ゴミ 地域 ボランティア
"""
_WORDS = _TEXT.split()
_JOINTS = ("の", "を", "に", "は", "、", "。", "と", "も", "で")
_NAMES = (
    "東西南北上中下大小新古高川田野原島崎浜津松竹梅桜森林石岩水泉池沢岡坂平宮寺神木前後富豊美吉良"
)
_SERVICE_NAMES = """
ひだまりPay なぎさマネー こだまコイン みなもカード いろはポイント あおぞらペイ ほたるウォレット すずらんマネー
"""
SERVICES = tuple((f"svc-{n:02d}", name) for n, name in enumerate(_SERVICE_NAMES.split()))


def municipalities(chance: random.Random, how_many: int) -> list[tuple[str, str, str]]:
    """Codes, names and prefecture codes of bodies that do not exist."""
    found = []
    for number in range(how_many):
        prefecture = f"{number % 47 + 1:02d}"
        first = f"{prefecture}{number // 47 + 600:03d}"
        name = "".join(chance.choices(_NAMES, k=chance.randint(2, 3))) + chance.choice("市町村区")
        found.append((first + municipality_check_digit(first), name, prefecture))
    return found


def made(how_many: int, seed: int = 7, noon: datetime = NOON) -> Iterator[MeasurePublished]:
    """Facts of so many measures, around ``noon``."""
    chance = random.Random(seed)
    bodies = municipalities(chance, max(how_many // 6, 5))
    for number in range(how_many):
        yield _fact(chance, chance.choice(bodies), number, noon)


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _fact(
    chance: random.Random, body: tuple[str, str, str], number: int, noon: datetime
) -> MeasurePublished:
    entry = entry_by(chance, body, noon)
    at = noon - timedelta(days=60, minutes=-number)
    return MeasurePublished(
        revision=1,
        occurred_at=at,
        measure_id=_uuid(chance),
        municipality_id=entry.municipality_id,
        title=entry.texts.easy.title,
        effective_at=at,
        entry=entry,
    )


def entry_by(
    chance: random.Random, body: tuple[str, str, str], noon: datetime = NOON
) -> MeasureEntry:
    """A measure of a body, by chance."""
    code, name, prefecture = body
    begins = noon + timedelta(days=chance.randint(-60, 20), hours=chance.choice((0, 0, 0, 9)))
    ends = begins + timedelta(days=chance.randint(5, 90))
    services = chance.sample(SERVICES, chance.randint(1, 4))
    return MeasureEntry(
        municipality_id=_uuid(chance),
        municipality_code=code,
        municipality_name=name,
        prefecture_code=prefecture,
        fiscal_year=2026,
        version=1,
        purpose=chance.choice(list(Purpose)),
        entry_type=chance.choice(list(EntryType)),
        review_method=chance.choice(list(ReviewMethod)),
        unit=chance.choice(list(EntitlementUnit)),
        amount=_amount(chance),
        eligibility=_eligibility(chance, code),
        apply_from=begins,
        apply_until=ends,
        allocate_by=ends.date() + timedelta(days=30),
        budget_yen=chance.randint(1, 500) * 100_000,
        services=tuple(_service(chance, code, name) for code, name in services),
        texts=_texts(chance),
    )


def _service(chance: random.Random, code: str, name: str) -> ServiceInScope:
    return ServiceInScope(
        payment_service_id=_uuid(chance),
        code=code,
        name=name,
        provider_id=_uuid(chance),
        provider_name="ひだまり株式会社",
        match_id=_uuid(chance),
    )


def _amount(chance: random.Random) -> Amount:
    kind = chance.choice(list(GrantType))
    yen = chance.choice((500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 50_000))
    if kind is not GrantType.FIXED:
        return Amount(grant_type=kind, rate_percent=20, cap_per_entitlement_yen=yen)
    if chance.random() < 0.2:
        steps = tuple(AmountStep(children_from=n, amount_yen=yen * n) for n in (1, 2, 3))
        return Amount(grant_type=kind, steps=steps)
    return Amount(grant_type=kind, amount_yen=yen)


def _eligibility(chance: random.Random, code: str) -> Eligibility:
    areas = () if chance.random() < 0.1 else (code,)
    if chance.random() < 0.3:
        first = date(2026 - chance.randint(1, 70), chance.randint(1, 12), chance.randint(1, 28))
        last = first + timedelta(days=365 * chance.randint(1, 20))
        return Eligibility(areas=areas, born_from=first, born_until=last)
    if chance.random() < 0.4:
        least = chance.choice((None, 0, 16, 40, 65))
        most = chance.choice((None, 6, 18, 39, 64, 99))
        if least is not None and most is not None and most < least:
            most = None
        on = chance.choice((None, date(2026, 4, 1), date(2024, 2, 29)))
        return Eligibility(areas=areas, years_from=least, years_until=most, years_on=on)
    return Eligibility(areas=areas)


def _texts(chance: random.Random) -> Texts:
    title = "".join(chance.choices(_WORDS, k=3))
    body = "".join(chance.choices((*_WORDS, *_JOINTS), k=50))
    summary = "".join(chance.choices((*_WORDS, *_JOINTS), k=10))
    return Texts(
        ja=Text(title=title, summary=summary, body=body),
        easy=Text(title=chance.choice(_WORDS) + " もらえます", summary=chance.choice(_WORDS)),
    )


def typed(chance: random.Random) -> str:
    """Something people might type."""
    names = "".join(chance.choices(_NAMES, k=2))
    return chance.choice(
        (
            chance.choice(_WORDS),
            chance.choice(_WORDS)[:2],
            chance.choice(_WORDS)[0],
            "".join(chance.choices(_WORDS, k=2)),
            " ".join(chance.choices(_WORDS, k=2)),
            names,
            "ひだまりpay",
            "ｺﾀﾞﾏ　コイン",
            "100%_'\"\\",
            "ありえないことば",
        )
    )
