"""Ports on the loopback address that nobody else uses."""

import socket
from collections.abc import Iterable

LOOPBACK = "127.0.0.1"


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
    """``count`` different ports, all free at this moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def first_free(wanted: Iterable[int]) -> int | None:
    """The first port of ``wanted`` that is free."""
    return next((port for port in wanted if is_free(port)), None)
