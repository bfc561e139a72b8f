"""``python -m services.<name> facts …``: the acts at the command line."""

import argparse
import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path

import asyncpg

from chassis.database import Pool, open_pool, reading, transaction
from chassis.inbox.subscriptions import Subscriptions
from chassis.operator import acts
from chassis.refusal import Refusal
from chassis.settings import ServiceSettings


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{name} facts", description="Facts that are stuck in the inbox, and what to do."
    )
    words = parser.add_subparsers(dest="word", required=True)
    listing = words.add_parser("list", help="what is parked, held or tried again")
    listing.add_argument("--state", action="append", choices=[*acts.STATES, "waiting", "ready"])
    listing.add_argument("--json", action="store_true")
    words.add_parser("replay-all", help="try every parked fact again")
    words.add_parser("unreadable", help="messages that were no facts")
    forget = words.add_parser("forget", help="delete old facts; the last of each subject stays")
    forget.add_argument("--older-than-days", type=int, required=True)
    for word, told in (
        ("show", "one fact with its body"),
        ("replay", "try it again"),
        ("edit", "put another body in its place and try it"),
        ("skip", "let it count without applying it"),
    ):
        act = words.add_parser(word, help=told)
        act.add_argument("subject")
        act.add_argument("revision", type=int)
        if word == "edit":
            act.add_argument("file", type=Path, help="the new body; - reads standard input")
        if word == "skip":
            act.add_argument("--because", required=True)
    again = words.add_parser("tell-again", help="carry what this service said to the broker again")
    again.add_argument("--after", type=int, default=0, help="the position after which to begin")
    return parser


async def command(
    name: str, settings: ServiceSettings, subscriptions: Subscriptions, rest: list[str]
) -> None:
    """Do what the command line says; a refusal is told and ends with 1."""
    asked = _parser(name).parse_args(rest)
    actor = f"operator/{getpass.getuser()}"
    if asked.word == "forget":
        sys.stdout.write(await _forget(settings, asked.older_than_days))
        return
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=2, name=f"{name} facts") as pool:
        try:
            sys.stdout.write(await _done(pool, subscriptions, actor, asked) + "\n")
        except Refusal as why:
            sys.stderr.write(why.detail + "\n")
            raise SystemExit(1) from why


async def _forget(settings: ServiceSettings, days: int) -> str:
    """Only the owner of the tables may; facts that entered a feed are never forgotten."""
    if settings.owner_database_url is None:
        raise SystemExit("forget needs OWNER_DATABASE_URL")
    conn = await asyncpg.connect(settings.owner_database_url.get_secret_value())
    try:
        gone = await conn.fetchval("SELECT forget_facts(now() - make_interval(days => $1))", days)
    finally:
        await conn.close()
    return f"{gone} facts are forgotten\n"


async def _unreadable(pool: Pool) -> str:
    async with reading(pool) as conn:
        found = await acts.unreadable(conn)
    return "\n".join(f"{f.id} {f.at:%Y-%m-%d %H:%M:%S} {f.why}  {f.begins!r}" for f in found)


async def _done(
    pool: Pool, subscriptions: Subscriptions, actor: str, asked: argparse.Namespace
) -> str:
    if asked.word == "list":
        async with reading(pool) as conn:
            found = await acts.listed(conn, asked.state or acts.STATES)
        return _as_json(found) if asked.json else _as_lines(found)
    if asked.word == "show":
        async with reading(pool) as conn:
            return _as_json([await acts.shown(conn, asked.subject, asked.revision)])
    if asked.word == "unreadable":
        return await _unreadable(pool)
    async with transaction(pool) as conn:
        if asked.word == "replay-all":
            return f"{await acts.replay_all(conn, actor)} facts are tried again"
        if asked.word == "tell-again":
            await acts.tell_again(conn, actor, asked.after)
            return f"facts after position {asked.after} are told again"
        key = (asked.subject, asked.revision)
        if asked.word == "replay":
            await acts.replay(conn, actor, *key)
        elif asked.word == "edit":
            body = sys.stdin.buffer.read() if str(asked.file) == "-" else asked.file.read_bytes()
            await acts.edit_and_replay(conn, subscriptions, actor, *key, body.strip())
        else:
            await acts.skip(conn, actor, *key, asked.because)
    return f"{asked.word}: {asked.subject} {asked.revision}"


def _as_json(facts: list[acts.StuckFact]) -> str:
    return json.dumps([asdict(f) for f in facts], default=str, ensure_ascii=False, indent=2)


def _as_lines(facts: list[acts.StuckFact]) -> str:
    return "\n".join(
        f"{f.state:8} {f.subject} {f.revision}  {f.type}  tries {f.attempts}  behind {f.behind}"
        f"  {(f.why or '').splitlines()[0] if f.why else ''}"
        for f in facts
    )
