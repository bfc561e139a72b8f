"""One line of the map: an address, which service answers it, who may ask, and what it may cost."""

from dataclasses import dataclass

KIB, MIB = 1024, 1024 * 1024

READ = frozenset({"GET", "HEAD"})
POST = frozenset({"POST"})
PUT = frozenset({"PUT"})
DELETE = frozenset({"DELETE"})
PATCH = frozenset({"PATCH"})
NOBODY: frozenset[str] = frozenset()

JSON = frozenset({"application/json"})
FORM = frozenset({"application/x-www-form-urlencoded"})
CSV = frozenset({"text/csv"})
_OFFICE = "application/vnd.openxmlformats-officedocument."
FILES = JSON | frozenset(
    {
        "multipart/form-data",
        "application/pdf",
        "image/png",
        "image/jpeg",
        "application/octet-stream",
        f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}wordprocessingml.document",
    }
)
PUBLISHED_FILES = FILES | {"text/csv", "application/zip", f"{_OFFICE}presentationml.presentation"}


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One address with everything under it."""

    prefix: str
    service: str
    methods: frozenset[str]
    #: Methods that need nobody to be signed in.
    public: frozenset[str] = NOBODY
    #: Largest body taken, and of which kinds.
    body: int = 256 * KIB
    media: frozenset[str] = JSON
    #: How long the service may take.
    seconds: float = 10.0
    #: Which allowance of `limits` a read and a write use.
    rate: str = "read"
    write_rate: str = "write"
    #: Kinds of facts that make a kept answer untrue; None: no answer is kept.
    kept: tuple[str, ...] | None = None
    #: How long such an answer is kept at most, whatever is heard.
    kept_seconds: float = 30.0
    #: Answered piece by piece, for as long as the client listens.
    streams: bool = False
    #: A machine client shows its secret here (``Authorization: Basic``), which goes to the service as it is.
    shows_secret: bool = False
    #: What its writes are for, in the words of a maintenance window that stops them; empty: nothing stops them.
    function: str = ""
