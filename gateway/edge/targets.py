"""What is asked for: a target taken apart, refused if it could be read in two ways, put on the map.

The service gets the path as we understood it, written anew; never the client's spelling.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from gateway.edge.problems import Problem, malformed, not_found
from gateway.edge.routes import Route, route_of

_TARGET = re.compile(r"(/[A-Za-z0-9\-._~!$&'()*+,=:@%/]*)(?:\?([A-Za-z0-9\-._~!$&'()*+,=:@%/?]*))?")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What must not appear once the escapes are undone: separators, a second layer of escapes, controls.
_UNSAFE = re.compile(r"[/\\;%\x00-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_TARGET = 4096
_MAX_PARAMETERS = 64
_KEPT_PLACES = 4096

API = "/api/"
_V1 = "/api/v1/"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a target leads."""

    #: The path, escapes undone; what the access log shows.
    path: str
    #: The line of the map; None for pages and for what the gateway answers itself.
    route: Route | None
    #: What a service is asked for.
    target: bytes

    @property
    def api(self) -> bool:
        """Whether a program asks, and problems are JSON."""
        return self.path.startswith(API)


_places: dict[str, Place] = {}


def place_of(target: str) -> Place:
    """Where ``target`` leads, or the problem with it. The same target is taken apart once."""
    found = _places.get(target)
    if found is None:
        found = _read(target)
        if len(_places) >= _KEPT_PLACES:
            _places.clear()
        _places[target] = found
    return found


def _read(target: str) -> Place:
    if len(target) > _MAX_TARGET:
        raise Problem(
            414, "address-too-long", "アドレスが長すぎます。検索の条件を減らしてください。"
        )
    match = _TARGET.fullmatch(target)
    if match is None or _LONE_PERCENT.search(target):
        raise malformed(
            "address-malformed", "アドレスを読み取れませんでした。アドレスをご確認ください。"
        )
    raw_path, query = match.group(1), match.group(2)
    segments = _segments(raw_path)
    path = "/".join(segments)
    if query is not None:
        _check_query(query)
    route = route_of(path) if path.startswith(_V1) else None
    again = "/".join(quote(s, safe="-._~!$&'()*+,=:@") for s in segments)
    return Place(path, route, (again if not query else f"{again}?{query}").encode())


def _segments(raw_path: str) -> list[str]:
    segments = [_undone(part) for part in raw_path.split("/")]
    if any(_UNSAFE.search(s) or s in (".", "..") for s in segments):
        raise malformed(
            "address-malformed", "アドレスを読み取れませんでした。アドレスをご確認ください。"
        )
    if raw_path != "/" and "" in segments[1:]:
        raise not_found()
    return segments


def _undone(part: str) -> str:
    if "%" not in part:
        return part
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise malformed("address-not-utf8", "アドレスの文字を読み取れませんでした。") from None


def _check_query(query: str) -> None:
    """Every parameter once, in UTF-8, without control characters."""
    names: set[str] = set()
    pairs = query.split("&") if query else []
    if len(pairs) > _MAX_PARAMETERS:
        raise malformed("too-many-parameters", "検索の条件が多すぎます。条件を減らしてください。")
    for pair in pairs:
        name, _, value = pair.partition("=")
        name, value = _undone(name.replace("+", " ")), _undone(value.replace("+", " "))
        if _CONTROL.search(name) or _CONTROL.search(value):
            raise malformed("parameter-malformed", "検索の条件に使えない文字が含まれています。")
        if name in names:
            raise malformed(
                "parameter-doubled", "同じ名前の条件が二度指定されています。一つにしてください。"
            )
        names.add(name)
