"""The lines of the map for benefits: residents, who reviews, providers, who settles."""

from gateway.edge.route import CSV, DELETE, FILES, JSON, MIB, POST, PUT, READ, Route

_BEN = "/api/v1/benefits"

BENEFITS: tuple[Route, ...] = (
    # what residents apply for and may receive
    Route(
        _BEN + "/own-applications",
        "benefits",
        READ | POST | DELETE,
        body=12 * MIB,
        media=FILES,
        seconds=60,
        function="apply",
    ),
    Route(_BEN + "/own-attendances", "benefits", POST),
    Route(_BEN + "/own-services", "benefits", READ | POST | DELETE),
    Route(_BEN + "/own-reads", "benefits", READ),
    Route(_BEN + "/own-desk-acts", "benefits", READ),
    Route(_BEN + "/own-links", "benefits", READ | POST),
    Route(_BEN + "/mislinks", "benefits", POST),
    Route(_BEN + "/own-entitlements", "benefits", READ | POST | PUT),
    # who reviews, and what a municipality sees of its measures
    Route(_BEN + "/review", "benefits", READ | POST, seconds=60),
    Route(_BEN + "/applications", "benefits", READ | POST, seconds=60),
    Route(_BEN + "/attendance-codes", "benefits", POST),
    Route(_BEN + "/measures", "benefits", READ),
    Route(_BEN + "/invariants", "benefits", READ, seconds=60),
    # what providers are asked to grant, what they say of it, and how it is settled
    *(Route(_BEN + p, "benefits", READ) for p in ("/own-grants", "/reconciliations")),
    *(
        Route(_BEN + p, "benefits", READ | POST)
        for p in ("/orders", "/cases", "/link-stops", "/settlements", "/grants")
    ),
    Route(_BEN + "/own-line", "benefits", READ | PUT),
    Route(_BEN + "/statements", "benefits", READ | POST | PUT, body=32 * MIB, media=JSON | CSV),
)
