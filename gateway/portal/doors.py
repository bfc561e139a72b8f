"""The doors people come in by, and the navigation behind each."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    """One front door: its colour by name, its words, its navigation."""

    name: str
    words: str
    home: str
    nav: tuple[tuple[str, str], ...]


PUBLIC = Door(
    "public",
    "自治体マイナポイント",
    "/",
    (
        ("/measures", "施策をさがす"),
        ("/how", "受け取りまでの流れ"),
        ("/lists", "登録一覧"),
        ("/accounts/new", "アカウント発行"),
        ("/documents", "資料・要領"),
        ("/notices", "お知らせ"),
        ("/sessions", "説明会・会議"),
        ("/status", "稼働状況"),
    ),
)
MUNICIPALITY = Door(
    "municipality",
    "自治体の方",
    "/municipality",
    (
        ("/municipality", "仕事の一覧"),
        ("/municipality/measures", "施策"),
        ("/municipality/reviews", "審査"),
        ("/municipality/budget", "予算"),
        ("/municipality/matches", "マッチング・契約"),
        ("/municipality/grants", "付与"),
        ("/municipality/settlements", "精算"),
        ("/municipality/registration", "登録申請"),
        ("/municipality/messages", "メッセージ"),
        ("/documents", "資料"),
        ("/municipality/organisation", "団体の設定"),
    ),
)
PROVIDER = Door(
    "provider",
    "決済事業者の方",
    "/provider",
    (
        ("/provider", "仕事の一覧"),
        ("/provider/registration", "登録申請"),
        ("/provider/participation", "事業への参画"),
        ("/provider/matches", "マッチング・契約"),
        ("/provider/orders", "付与の依頼"),
        ("/provider/messages", "メッセージ"),
        ("/documents", "資料"),
        ("/provider/organisation", "会社の設定"),
    ),
)
SECRETARIAT = Door(
    "secretariat",
    "事務局",
    "/secretariat",
    (
        ("/secretariat", "仕事の一覧"),
        ("/secretariat/registrations", "登録審査"),
        ("/secretariat/measures", "施策の確認"),
        ("/secretariat/matches", "マッチング"),
        ("/secretariat/cases", "確認事項"),
        ("/secretariat/changes", "変更の申し出"),
        ("/secretariat/accounts", "アカウント"),
        ("/secretariat/provisional", "仮アカウント"),
        ("/secretariat/programme", "説明会・会議"),
        ("/secretariat/calendar", "受付時間"),
        ("/secretariat/maintenance", "メンテナンス"),
        ("/secretariat/notices", "お知らせ"),
        ("/secretariat/documents", "資料・要領"),
        ("/secretariat/deliveries", "メール"),
        ("/secretariat/members", "利用者と権限"),
    ),
)
RESIDENT = Door(
    "my",
    "自治体マイナポイント",
    "/my",
    (
        ("/measures", "施策をさがす"),
        ("/my", "申し込んだ施策"),
        ("/my/messages", "メッセージ"),
        ("/my/services", "受け取り先"),
        ("/my/family", "ご家族"),
        ("/my/reads", "わたしのデータ"),
    ),
)
DESK = Door("desk", "支援窓口", "/desk", (("/desk", "窓口の画面"), ("/desk/now", "手続き中の方")))
OPS = Door("ops", "運用", "/ops/parts", (("/ops/parts", "部品の見本"), ("/status", "稼働状況")))
DOORS = {d.name: d for d in (PUBLIC, RESIDENT, MUNICIPALITY, PROVIDER, SECRETARIAT, DESK, OPS)}
#: Pages of a desk on which nobody in particular is being helped.
_STAFFED = frozenset({"/desk", "/desk/start", "/desk/ended", "/desk/mislinks/new"})
#: Pages of "settings" that stand together under one navigation entry.
SETTINGS = (
    ("organisation", "登録内容"),
    ("members", "利用者"),
    ("clients", "システム接続"),
    ("sessions", "ログインの記録"),
)


def door_of(path: str) -> Door:
    """The door an address belongs to."""
    return DOORS.get(path.strip("/").split("/")[0], PUBLIC)


def desk_page(path: str) -> bool:
    """Whether an address is one of a desk."""
    return path == "/desk" or path.startswith("/desk/")


def at_desk(path: str) -> bool:
    """Whether a page of a desk is about the person who is being helped."""
    return desk_page(path) and path not in _STAFFED


def current_of(door: Door, path: str) -> str:
    """The navigation entry that stands for an address: the longest one it lies under."""
    return max(_under(door, path), key=len, default="")


def _under(door: Door, path: str) -> Iterator[str]:
    for address, _ in door.nav:
        if path == address or (address != door.home and path.startswith(address + "/")):
            yield address
    if door is not PUBLIC and path.strip("/").split("/")[-1] in dict(SETTINGS):
        yield from (a for a, _ in door.nav if a.endswith(("/organisation", "/members")))


def settings_of(door: Door) -> list[tuple[str, str]]:
    """The pages of settings behind a door; the secretariat is not registered and has no systems of its own."""
    wanted = (
        SETTINGS
        if door is not SECRETARIAT
        else [s for s in SETTINGS if s[0] in ("members", "sessions")]
    )
    return [(f"{door.home}/{name}", words) for name, words in wanted]


#: Kinds of organisations that come in by a door of their own.
BEHIND = frozenset({"municipality", "provider", "secretariat"})
ORGANISATIONS = frozenset({"municipality", "provider"})
SECRETARIAT_ONLY = frozenset({"secretariat"})
MUNICIPALITY_ONLY = frozenset({"municipality"})
PROVIDER_ONLY = frozenset({"provider"})
ADMIN = frozenset({"admin"})
EDITORS = frozenset({"admin", "editor"})
#: Who of an organisation looks at what others handed in, and who approves what another proposed.
REVIEWERS = frozenset({"admin", "reviewer", "approver"})
APPROVERS = frozenset({"admin", "approver"})
#: The beginning of addresses that stand behind each of those doors.
ANY_DOOR = "/{door:municipality|provider|secretariat}"
ORGANISATION_DOOR = "/{door:municipality|provider}"
