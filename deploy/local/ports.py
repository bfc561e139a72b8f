"""Ports on the loopback address that nobody else uses, nor another launcher is about to."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path

LOOPBACK = "127.0.0.1"
#: Below the ports the kernel gives to outgoing connections, which could take one before it is used.
_RANGE = range(20_000, 32_000)
_claims: dict[int, int] = {}
_held: list[socket.socket] = []


def is_free(port: int) -> bool:
    """Whether nobody listens on ``port``, on any address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return not answers(port)


def answers(port: int) -> bool:
    """Whether somebody accepts connections on ``port``."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """``count`` different ports, free now and claimed for as long as this process lives."""
    found: list[int] = []
    start = random.randrange(len(_RANGE))
    for step in range(len(_RANGE)):
        if len(found) == count:
            break
        port = _RANGE[(start + step) % len(_RANGE)]
        if take(port):
            found.append(port)
    return found


def first_free(wanted: Iterable[int]) -> int | None:
    """The first port of ``wanted`` that is free, claimed."""
    return next((port for port in wanted if take(port)), None)


def hold(port: int) -> None:
    """Keep ``port`` from outgoing connections, also while nobody listens, for as long as this process lives.

    Whoever listens there must share it (``SO_REUSEPORT``). For a port that was wished for and may lie among those
    the kernel gives away.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((LOOPBACK, port))
    _held.append(held)


def take(port: int) -> bool:
    """Claim ``port`` if it is free and no other launcher of this user has claimed it."""
    if port in _claims or not is_free(port):
        return False
    folder = Path(tempfile.gettempdir()) / f"machipo-ports-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        claim = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return True
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(claim)
        return False
    _claims[port] = claim
    return True
