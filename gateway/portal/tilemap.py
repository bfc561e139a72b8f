"""The prefectures as tiles, each about where it lies; looks and places are in the style sheet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.portal.words import PREFECTURES

#: From how many on a tile is drawn in the next shade.
_SHADES = (1, 4, 8)
SHADES = ("0件", "1〜3件", "4〜7件", "8件以上")
_REGIONS = (
    ("北海道・東北", range(1, 8)),
    ("関東", range(8, 15)),
    ("中部", range(15, 24)),
    ("近畿", range(24, 31)),
    ("中国", range(31, 36)),
    ("四国", range(36, 40)),
    ("九州", range(40, 47)),
    ("沖縄", range(47, 48)),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One prefecture."""

    code: str
    #: 石川, as it fits on a tile.
    name: str
    count: int
    shade: int
    href: str
    current: bool


def tiles_of(counts: Mapping[str, int], chosen: str, address: Callable[[str], str]) -> list[Tile]:
    """Every prefecture in the order of codes; ``address`` says where a tile leads."""
    return [
        Tile(
            code=code,
            name=_short(name),
            count=counts.get(code, 0),
            shade=sum(counts.get(code, 0) >= least for least in _SHADES),
            href=address(code),
            current=code == chosen,
        )
        for code, name in PREFECTURES.items()
    ]


def regions_of(tiles: list[Tile]) -> list[tuple[str, int, list[Tile]]]:
    """The same by regions, for screens a map does not fit on."""
    parts = [(name, [tiles[n - 1] for n in numbers]) for name, numbers in _REGIONS]
    return [(name, sum(tile.count for tile in part), part) for name, part in parts]


def _short(name: str) -> str:
    return name if name == "北海道" else name[:-1]
