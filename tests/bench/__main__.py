"""`./portal bench [row …] [--json] [--rounds N]`: runs the rows and prints their ratios."""

import argparse
import asyncio
import importlib
import json
import pkgutil
import sys
import traceback

from tests.bench import rows
from tests.bench.harness import GROUND, memory_of
from tests.bench.row import Row

_ROUNDS = 5
_IDLE_MOST, _LOADED_MOST = 150.0, 300.0


def main() -> int:
    """Measure, print, and answer 1 if a row failed to be measured."""
    asked = _asked()
    names = [module.name for module in pkgutil.iter_modules(rows.__path__)]
    chosen = [name.replace("-", "_") for name in asked.rows] or names
    unknown = [name for name in chosen if name not in names]
    if unknown:
        known = ", ".join(name.replace("_", "-") for name in names)
        print(f"portal: no row {', '.join(unknown)}: choose of {known}", file=sys.stderr)
        return 2
    with GROUND.closing():
        measured, failed = asyncio.run(_measure(chosen, asked.rounds, quiet=asked.json))
        memory = {"idle": GROUND.idle, "after": memory_of(GROUND.stack)} if GROUND.idle else {}
    if asked.json:
        told = {"rows": [row.as_json() for row in measured], "failed": failed, "memory": memory}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print_memory(memory)
    return 1 if failed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./portal bench")
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    return parser.parse_args()


async def _measure(names: list[str], rounds: int, *, quiet: bool) -> tuple[list[Row], list[str]]:
    measured: list[Row] = []
    failed: list[str] = []
    if not quiet:
        print(f"{'name':<14}{'ours':>12}{'peer':>12}{'ratio':>9}{'first':>8}{'goal':>8}  peer")
    for name in names:
        try:
            row: Row = await importlib.import_module(f"tests.bench.rows.{name}").measure(rounds)
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        measured.append(row)
        if not quiet:
            _print(row)
    return measured, failed


def _print(row: Row) -> None:
    figures = f"{row.ours:>12,.1f}{row.peer:>12,.1f}{row.ratio:>9.2f}"
    goals = f"{row.first_goal:>8.2f}{row.goal:>8.2f}"
    mark = "" if row.held else "  (below its first goal)"
    print(f"{row.name:<14}{figures}{goals}  {row.peer_name}, {row.unit}{mark}", flush=True)
    for line in filter(None, [row.notes, _memory(row.memory)]):
        print(f"{'':<14}{line}", flush=True)


def _memory(memory: dict[str, float]) -> str:
    return ", ".join(f"{name} {size:.0f} MiB" for name, size in memory.items())


def _print_memory(memory: dict[str, dict[str, float]]) -> None:
    for when, most in (("idle", _IDLE_MOST), ("after", _LOADED_MOST)):
        sizes = memory.get(when, {})
        if sizes:
            print(f"memory {when:<7}{_memory(sizes)} (services: {most:.0f} MiB at most)")


if __name__ == "__main__":
    sys.exit(main())
