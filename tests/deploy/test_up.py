"""`./portal up` as a person uses it: real servers, real processes, real crashes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.child import Pid
from deploy.local.places import ROOT


class Portal:
    """The command, with its files in a folder of the test's."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
        return subprocess.run(
            [sys.executable, str(ROOT / "portal"), *words],
            env={**kept, "PORTAL_HOME": str(self.home), "PORTAL_FORGETFUL": "yes"},
            capture_output=True,
            text=True,
        )

    @property
    def status(self) -> dict[str, Any]:
        """What `status --json` tells."""
        told: dict[str, Any] = json.loads(self("status", "--json").stdout)
        return told

    def pid(self, name: str) -> Pid:
        """The process that has this name now; the launcher's is `portal`."""
        record = json.loads((self.home / "run.json").read_text())
        pids = {pid["name"]: Pid(**pid) for pid in [*record["pids"], record["launcher"]]}
        return pids[name]

    def open(self) -> int:
        """The status of the home page."""
        try:
            with urllib.request.urlopen(self.status["url"], timeout=60) as answer:
                return int(answer.status)
        except OSError:
            return 0


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A running portal without demo data, on a port of its own because the wanted one is taken."""
    portal = Portal(tmp_path_factory.mktemp("portal"))
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        wanted = stranger.getsockname()[1]
        started = portal("up", "--detach", "--empty", "--port", str(wanted))
    try:
        assert started.returncode == 0, started.stderr
        assert f"port {wanted} is taken by another program" in started.stdout
        yield portal
    finally:
        portal("down")


def _until(check: Callable[[], object], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_ready_means_that_the_home_page_is_there(portal: Portal) -> None:
    status = portal.status
    assert status["state"] == "ready"
    assert portal.open() == 200
    assert {p["name"] for p in status["processes"] if p["alive"]} == {
        *("postgresql", "rabbitmq", "epmd"),
        *(
            "identity",
            "registry",
            "content",
            "scheduling",
            "notifications",
            "benefits",
            "gateway",
            "mail",
            "signing",
            "cards",
            "provider",
        ),
    }


def test_nothing_listens_for_other_machines(portal: Portal) -> None:
    ports = set(portal.status["ports"].values())
    listening = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        address, port = line.split()[1].split(":")
        if line.split()[3] == "0A":
            listening[int(port, 16)] = address
    assert ports <= set(listening)
    assert {listening[port] for port in ports} == {"0100007F"}


def test_a_second_up_says_that_it_runs_already(portal: Portal) -> None:
    for words in (("up",), ("up", "--detach")):
        again = portal(*words)
        assert again.returncode == 0
        assert f"runs already: {portal.status['url']}" in again.stdout


@pytest.mark.parametrize("name", ["registry", "gateway", "rabbitmq", "postgresql"])
def test_what_is_killed_comes_back(portal: Portal, name: str) -> None:
    before = portal.pid(name)
    before.send(signal.SIGKILL)
    _until(lambda: portal.pid(name) != before and portal.pid(name).alive)
    _until(lambda: portal.open() == 200)
    assert portal.status["state"] == "ready"


def test_a_new_launcher_cleans_up_after_one_that_was_killed(portal: Portal) -> None:
    orphans = [portal.pid(name) for name in ("postgresql", "rabbitmq", "epmd", "identity")]
    portal.pid("portal").send(signal.SIGKILL)
    _until(lambda: portal.status["state"] == "crashed")
    assert all(orphan.alive for orphan in orphans)
    again = portal("up", "--detach", "--empty")
    assert again.returncode == 0, again.stderr
    assert "ended what an earlier run left behind" in again.stdout
    assert not any(orphan.alive for orphan in orphans)
    assert portal.open() == 200


def test_down_leaves_nothing_behind(portal: Portal) -> None:
    pids = [portal.pid(p["name"]) for p in portal.status["processes"]]
    assert portal("down").returncode == 0
    assert not any(pid.alive for pid in pids)
    assert portal.status["state"] == "stopped"
    assert "nothing runs" in portal("down").stdout
    assert "./portal up" in portal("demo", "accounts").stderr
