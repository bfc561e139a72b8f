"""The whole map on one page: address → service, what is public, and what each may cost.

What is not listed is refused: no address under ``/internal/`` can be reached from outside, and a method that a
line does not name is answered with 405. The services check rights again themselves.
"""

from gateway.edge.benefits import BENEFITS
from gateway.edge.route import (
    CSV,
    DELETE,
    FILES,
    FORM,
    KIB,
    MIB,
    PATCH,
    POST,
    PUBLISHED_FILES,
    PUT,
    READ,
    Route,
)

__all__ = ["KIB", "MIB", "ROUTES", "Route", "kinds", "route_of"]

_ID, _REG, _NOTE = "/api/v1/identity", "/api/v1/registry", "/api/v1/notifications"
_SCHED = "/api/v1/scheduling"
_CON = "/api/v1/content"

#: What changes the public register.
_REGISTER = (
    "registry.organisation",
    "registry.payment_service",
    "registry.participation",
    "registry.match",
)
#: What changes the notices and documents everybody reads.
_SITE = ("content.notice", "content.document")
#: What is planned for the next moment is said by nobody; when its moment comes it shows all the same.
_SITE_SECONDS = 1.0


def _public(prefix: str, methods: frozenset[str] = READ, function: str = "") -> Route:
    return Route(_REG + prefix, "registry", methods, READ, kept=_REGISTER, function=function)


def _downloads(prefix: str) -> tuple[Route, ...]:
    return tuple(
        Route(
            _REG + prefix + end, "registry", READ, READ, seconds=30, rate="download", kept=_REGISTER
        )
        for end in (".csv", ".xlsx", ".json")
    )


def _sign_in(prefix: str, function: str = "") -> Route:
    return Route(
        _ID + prefix, "identity", POST, POST, seconds=20, write_rate="sign-in", function=function
    )


ROUTES: tuple[Route, ...] = (
    # identity: getting an account
    Route(_ID + "/guidelines", "identity", READ, READ, kept=()),
    _sign_in("/account-requests", "account"),
    _sign_in("/links"),
    _sign_in("/passwords"),
    _sign_in("/password-resets"),
    Route(
        _ID + "/oauth/token",
        "identity",
        POST,
        POST,
        media=FORM,
        seconds=20,
        write_rate="sign-in",
        shows_secret=True,
    ),
    # identity: those who are signed in
    Route(_ID + "/me", "identity", READ | POST | PUT | DELETE, seconds=20),
    Route(_ID + "/members", "identity", READ | POST | PATCH | DELETE),
    Route(_ID + "/clients", "identity", READ | POST | DELETE, seconds=20),
    Route(_ID + "/accounts", "identity", READ | POST),
    Route(_ID + "/provisional-accounts", "identity", READ),
    # identity: residents by card; desks, and who acts for a child
    Route(_ID + "/card/challenges", "identity", POST, POST, write_rate="card"),
    Route(_ID + "/card/assertions", "identity", POST, seconds=20, write_rate="card"),
    Route(_ID + "/card/simulated", "identity", READ | POST, READ | POST, write_rate="card"),
    Route(_ID + "/desk", "identity", READ),
    Route(_ID + "/own-family", "identity", READ | POST, seconds=20),
    Route(_ID + "/own-sessions", "identity", READ | POST),
    Route(_ID + "/representations", "identity", READ | POST),
    Route(
        _ID + "/provisional-accounts/import", "identity", POST, body=4 * MIB, media=CSV, seconds=60
    ),
    # registry: what everybody may read
    _public("/municipalities"),
    _public("/providers"),
    _public("/payment-services"),
    # A provider's yearly answer is written where everybody reads the list.
    _public("/participation", READ | PUT, "register"),
    _public("/matches"),
    _public("/municipality-codes"),
    _public("/counts"),
    _public("/checkpoint"),
    _public("/keys"),
    *_downloads("/municipalities"),
    *_downloads("/providers"),
    *_downloads("/payment-services"),
    *_downloads("/participation"),
    *_downloads("/matches"),
    Route(_REG + "/snapshot", "registry", READ, READ, seconds=60, rate="download", kept=_REGISTER),
    Route(_REG + "/changes", "registry", READ, READ, seconds=90, streams=True),
    # registry: public measures; time alone changes what a search answers, so nothing of it is kept
    Route(_REG + "/measures", "registry", READ | POST, READ | POST),
    Route(_REG + "/measures.atom", "registry", READ, READ, rate="read"),
    Route(_REG + "/measures.csv", "registry", READ, READ, seconds=30, rate="download"),
    # registry: an organisation's own registration
    Route(_REG + "/registration", "registry", READ | POST | PUT, function="register"),
    Route(
        _REG + "/registration/documents",
        "registry",
        READ | POST | DELETE,
        body=12 * MIB,
        media=FILES,
        seconds=60,
        write_rate="upload",
        function="register",
    ),
    Route(_REG + "/organisation", "registry", READ),
    Route(_REG + "/own-participation", "registry", READ),
    Route(_REG + "/own-measures", "registry", READ | POST | PUT, function="measure"),
    Route(_REG + "/change-requests", "registry", READ | POST, function="register"),
    # registry: measures and target lists from files
    Route(
        _REG + "/imports",
        "registry",
        READ | POST,
        body=12 * MIB,
        media=FILES | CSV,
        seconds=60,
        write_rate="upload",
        function="measure",
    ),
    Route(_REG + "/target-lists", "registry", READ, seconds=60),
    # registry: what desks do about matches and contracts
    Route(_REG + "/offers", "registry", READ),
    Route(_REG + "/demands", "registry", READ),
    Route(_REG + "/fitting-measures", "registry", READ),
    Route(_REG + "/own-services", "registry", READ),
    Route(_REG + "/own-matches", "registry", READ | POST),
    Route(_REG + "/all-matches", "registry", READ),
    Route(_REG + "/contracts", "registry", READ | POST | PUT),
    # Without a signature: nothing in it is believed.
    Route(_REG + "/contract-notices", "registry", POST, POST, body=16 * KIB),
    # registry: the secretariat
    Route(
        _REG + "/registrations",
        "registry",
        READ | POST | PUT,
        body=12 * MIB,
        media=FILES,
        seconds=60,
    ),
    Route(_REG + "/measure-checks", "registry", READ | POST),
    # scheduling: the secretariat plans where everybody reads
    Route(
        _SCHED + "/maintenance",
        "scheduling",
        READ | POST | PUT,
        READ,
        kept=("scheduling.maintenance",),
    ),
    Route(_SCHED + "/sessions", "scheduling", READ, READ, kept=("scheduling.session",)),
    Route(_SCHED + "/deadlines", "scheduling", READ, READ),
    Route(_SCHED + "/materials", "scheduling", READ),
    Route(_SCHED + "/sign-ups", "scheduling", READ | POST, function="sign_up"),
    Route(_SCHED + "/programme", "scheduling", READ | POST | PUT),
    Route(_SCHED + "/calendar", "scheduling", READ | PUT | DELETE, READ),
    Route(
        _SCHED + "/calendars",
        "scheduling",
        READ,
        READ,
        kept=("scheduling.session", "scheduling.maintenance"),
    ),
    # content: what everybody may read
    Route(_CON + "/notices", "content", READ, READ, kept=_SITE, kept_seconds=_SITE_SECONDS),
    Route(_CON + "/documents", "content", READ, READ, kept=_SITE, kept_seconds=_SITE_SECONDS),
    Route(_CON + "/feeds", "content", READ, READ, kept=_SITE, kept_seconds=_SITE_SECONDS),
    Route(_CON + "/sitemap", "content", READ, READ, kept=_SITE, kept_seconds=_SITE_SECONDS),
    Route(_CON + "/materials", "content", READ, READ),
    Route(_CON + "/files", "content", READ, READ, seconds=60, rate="download"),
    # content: members, and the secretariat
    Route(_CON + "/own", "content", READ | POST),
    Route(_CON + "/own/files", "content", READ, seconds=60, rate="download"),
    Route(_CON + "/desk", "content", READ | POST | PUT | DELETE),
    Route(
        _CON + "/desk/files",
        "content",
        READ | POST | PUT,
        body=20 * MIB,
        media=PUBLISHED_FILES,
        seconds=60,
        write_rate="upload",
    ),
    # notifications
    Route(_NOTE + "/letters", "notifications", READ | POST),
    Route(_NOTE + "/own-settings", "notifications", READ | POST | PUT | DELETE),
    Route(_NOTE + "/deliveries", "notifications", READ | POST),
    Route(_NOTE + "/reach", "notifications", READ),
    Route(_NOTE + "/subscriptions", "notifications", READ | POST | PUT),
    # Whoever holds the link of a mail may change what is mailed; asking for mail is paced like signing in.
    Route(_NOTE + "/follow", "notifications", READ | POST, READ | POST, write_rate="sign-in"),
    Route(_NOTE + "/announcements", "notifications", READ),
    Route(_NOTE + "/announcements/reach", "notifications", READ, READ),
    Route(_NOTE + "/mailings", "notifications", READ | POST, body=1 * MIB),
    Route(_NOTE + "/templates", "notifications", READ),
    Route(_NOTE + "/mail-ways", "notifications", READ),
    *BENEFITS,
)

_MAP = {route.prefix: route for route in ROUTES}


def route_of(path: str) -> Route | None:
    """The line of the map that ``path`` falls under: the longest prefix of whole segments."""
    while path:
        found = _MAP.get(path)
        if found is not None:
            return found
        path = path[: path.rfind("/")] if "/" in path else ""
    return None


def kinds() -> frozenset[str]:
    """Every kind of fact that makes some kept answer untrue."""
    return frozenset(kind for route in ROUTES for kind in route.kept or ())
