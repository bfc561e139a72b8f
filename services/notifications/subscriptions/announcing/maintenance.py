"""What scheduling says about maintenance: announced once, put right for those who were told."""

from collections.abc import Mapping
from datetime import timedelta

from chassis.database import Connection
from contracts.event import Fact
from contracts.scheduling import (
    MaintenanceAnnounced,
    MaintenanceCancelled,
    MaintenanceChanged,
    MaintenanceExtended,
    MaintenanceFact,
)
from services.notifications.commands.announcements import announce
from services.notifications.commands.letters import Desk
from services.notifications.model.announcement import LANGUAGES, Announcement
from services.notifications.model.writing import Value
from services.notifications.store import announcements
from services.notifications.subscriptions.writing import Writer, cause_of

#: So shortly before it begins nobody wants to hear of a change in the morning only.
_PRESSING = timedelta(hours=24)
_SYSTEMS = {
    "portal": ("マチポ", "マチポ", "Machipo"),
    "application": ("申込みの受付", "申込み", "applications"),
    "identity": ("ログインと本人確認", "ログイン", "sign-in"),
    "cloudsign": ("クラウドサイン", "クラウドサイン", "CloudSign"),
    "mynaportal": ("マイナポータル", "マイナポータル", "Mynaportal"),
    "provider": ("決済サービス", "決済サービス", "a payment service"),
}
_NO_IMPACT = (
    "ご不便をおかけします。終わるまでお待ちください。",
    "終わるまで まって ください。",
    "Please wait until it is over.",
)


async def _announced(desk: Desk, conn: Connection, fact: MaintenanceAnnounced) -> None:
    await announce(conn, desk, _news(fact, "maintenance_announced", {}))


async def _put_right(
    desk: Desk,
    conn: Connection,
    fact: MaintenanceChanged | MaintenanceExtended | MaintenanceCancelled,
) -> None:
    before = await announcements.last_summaries(conn, fact.subject)
    if not before:
        # Nobody was told of what is put right: there is nobody to tell.
        return
    happened = fact.type.split(".")[2]
    earlier: dict[str, Mapping[str, Value]] = {
        language: {"before": before[language], "happened": happened} for language in LANGUAGES
    }
    await announce(conn, desk, _news(fact, "maintenance_changed", earlier, fact.subject))


def _news(
    fact: MaintenanceFact,
    template: str,
    more: Mapping[str, Mapping[str, Value]],
    corrects: str | None = None,
) -> Announcement:
    system = fact.system.partition(":")[0]
    names = _SYSTEMS.get(system, (fact.system,) * len(LANGUAGES))
    values: dict[str, Mapping[str, Value]] = {
        language: {
            "system": names[place],
            "starts_at": fact.starts_at,
            "ends_at": fact.ends_at,
            "impact": fact.impact or _NO_IMPACT[place],
            **more.get(language, {}),
        }
        for place, language in enumerate(LANGUAGES)
    }
    return Announcement(
        cause=cause_of(fact),
        kind="maintenance",
        template=template,
        address=f"/maintenance/{fact.maintenance_id}",
        values=values,
        facets=frozenset({f"system:{fact.system}", f"system:{system}"}),
        urgent=fact.starts_at - fact.occurred_at < _PRESSING,
        corrects=corrects,
    )


WRITERS: Mapping[type[Fact], Writer] = {
    MaintenanceAnnounced: _announced,
    MaintenanceChanged: _put_right,
    MaintenanceExtended: _put_right,
    MaintenanceCancelled: _put_right,
}
