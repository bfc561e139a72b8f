"""How far announcements reached, which way mails go, and which words are missing."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.portal.doors import SECRETARIAT_ONLY
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit

pages = Pages(SECRETARIAT_ONLY)
REASONS = {
    "refused": "相手が受け取らない",
    "address": "アドレスが使えない",
    "late": "時間内に渡せなかった",
    "returned": "戻ってきた",
    "stopped": "受け取りを止めた",
}


@pages.get("/secretariat/reach")
async def reach(visit: Visit) -> web.StreamResponse:
    """Every announcement with its readers: told, not reached, on the way."""
    after = visit.query("after")
    found = await visit.get("notifications/announcements", {"after": after} if after else None)
    ways = await visit.get("notifications/mail-ways")
    templates = await visit.get("notifications/templates")
    return visit.page(
        "secretariat/reach.html",
        "お知らせの届きかた",
        crumbs=(
            ("/secretariat", "仕事の一覧"),
            ("/secretariat/deliveries", "届いた・届かないメール"),
        ),
        announcements=[{**a, "reasons": _reasons(a["reach"])} for a in found["items"]],
        ways=ways,
        lacking=[t for t in templates["items"] if t["missing"]],
        next_address=f"?{urlencode({'after': found['next']})}" if found.get("next") else "",
    )


def _reasons(reach: dict[str, Any]) -> str:
    return "、".join(f"{REASONS.get(r, r)} {n:,}" for r, n in sorted(reach["reasons"].items()))
