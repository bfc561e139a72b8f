"""The launcher's parts that need no server."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest

from deploy.local.child import Child, Pid, end
from deploy.local.definitions import definitions, password_hash
from deploy.local.demo import totp
from deploy.local.passwords import keep_passwords
from deploy.local.places import ROOT
from deploy.local.ports import answers, free_ports, hold, is_free, take
from deploy.local.record import Lock
from deploy.local.requirements import cut, dealt, locked
from deploy.local.stack import STACK, Surroundings, copies_of, service_names
from deploy.local.trouble import Trouble
from gateway.edge.worker import listening_socket

_LOCK = """\
amqp==1 \\
    --hash=sha256:aa
    # via machipo (pyproject.toml)
bytes-of==2 \\
    --hash=sha256:bb
    # via
    #   amqp
    #   tests-only
tests-only==3 ; python_version < "3.12" \\
    --hash=sha256:cc
    # via machipo (pyproject.toml)
twofold==1 ; python_version < "3.12" \\
    --hash=sha256:dd
    # via bytes-of
twofold==2 ; python_version >= "3.12" \\
    --hash=sha256:ee
    # via bytes-of
"""


def test_what_a_package_needs_is_installed_with_it() -> None:
    assert re.findall(r"(?m)^[a-z-]+", cut(_LOCK, {"amqp"})) == [
        *["amqp", "bytes-of"],
        *["twofold", "twofold"],
    ]


@pytest.mark.parametrize("shares", [1, 3, 1000])
def test_packages_are_dealt_out_whole_and_all(shares: int) -> None:
    lock = locked(["test"])
    parts = dealt(lock, shares)
    assert all(parts) and len(parts) <= shares
    found = [line for part in parts for line in part.splitlines()]
    assert sorted(found) == sorted(lock.splitlines())
    names = [set(re.findall(r"(?m)^([a-zA-Z0-9._-]+)==", part)) for part in parts]
    assert len(set[str]().union(*names)) == sum(map(len, names))


def test_what_only_tests_need_stays_out_of_the_images() -> None:
    running, testing = locked([]), locked(["test"])
    assert "\npytest==" not in f"\n{running}"
    assert "\npytest==" in f"\n{testing}"
    assert "--hash=sha256:" in running


def test_every_locked_package_has_its_purpose() -> None:
    everything = locked(["test", "local", "bench"])
    lock = (ROOT / "requirements.lock").read_text()
    assert set(re.findall(r"(?m)^\S+==\S+", everything)) == set(re.findall(r"(?m)^\S+==\S+", lock))


def test_no_registry_is_named_in_the_lock_file() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_a_port_somebody_listens_on_is_not_taken() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        assert not is_free(port)
        assert not take(port)


def test_two_launchers_never_get_the_same_port() -> None:
    mine = free_ports(3)
    command = f"from deploy.local.ports import take; print([take(p) for p in {mine}])"
    theirs = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True
    )
    assert theirs.stdout.strip() == "[False, False, False]"


def test_a_held_port_is_kept_from_strangers_and_shared_with_who_listens() -> None:
    [port] = free_ports(1)
    hold(port)
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", port))
    with listening_socket("127.0.0.1", port) as gateway:
        gateway.listen()
        assert answers(port)


def test_passwords_stay_and_are_their_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    first = keep_passwords(path, ["registry"])
    more = keep_passwords(path, ["registry", "content"])
    assert first.items() <= more.items()
    assert "content_app" in more
    assert len(set(more.values())) == len(more)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_launcher_waits_outside(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.take()
    assert not second.take()
    first.drop()
    assert second.take()


def test_a_process_is_known_by_more_than_its_number(tmp_path: Path) -> None:
    child = Child.start("sleep", ["sleep", "600"], env={}, log=tmp_path / "log", dies_with_us=True)
    another = Pid("sleep", child.pid.number, "a time long ago")
    another.send(signal.SIGKILL)
    assert not another.alive
    assert child.pid.alive
    assert end([child.pid], 60) == []
    assert child.process.wait(60) == -signal.SIGTERM


def test_what_does_not_end_when_told_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)"
    log = tmp_path / "log"
    command = [sys.executable, "-c", f"{deaf}; time.sleep(600)"]
    child = Child.start("deaf", command, env={}, log=log, dies_with_us=True)
    child.wait_until(lambda: "deaf" in log.read_text(), 60)
    assert end([child.pid], 0.2) == [child.pid]
    assert child.process.wait(60) == -signal.SIGKILL


def test_a_child_that_ends_while_starting_leaves_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('the disk is full')"]
    child = Child.start("toy", command, env={}, log=tmp_path / "log")
    with pytest.raises(Trouble, match="toy ended while starting: the disk is full"):
        child.wait_until(lambda: False, 60)


def _run(copies: dict[str, int]) -> Surroundings:
    names = ["postgresql", "rabbitmq", "smtp", *(copy.name for copy in copies_of())]
    names += [f"{name}-{n}" for name, count in copies.items() for n in range(2, count + 1)]
    passwords = {f"{s}_{role}": f"{s}-{role}" for s in service_names() for role in ("owner", "app")}
    passwords |= {f"broker-{u}": u for u in (*service_names(), "deployer", "gateway")}
    passwords |= {"card-secret": "the-secret-of-a-test", "simulator-secret": "another"}
    return Surroundings("run", dict(zip(names, range(2000, 3000), strict=False)), passwords, copies)


def test_a_serving_process_has_no_owners_rights() -> None:
    run = _run({})
    for copy in copies_of():
        serving, preparing = run.environment(copy), run.environment(copy, preparing=True)
        assert not any("OWNER" in key or "DEPLOYER" in key for key in serving)
        assert any("OWNER" in key for key in preparing) == copy.process.service


def test_every_setting_the_launcher_gives_is_understood() -> None:
    for copy in copies_of():
        package = copy.process.module
        if copy.process.tells_run:
            done = subprocess.run(
                [sys.executable, "-c", f"from {package}.settings import Settings; Settings()"],
                cwd=ROOT,
                env=_run({}).environment(copy),
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr


def test_the_gateway_hears_of_every_copy_and_services_of_one() -> None:
    run = _run({"registry": 3})
    assert run.peers(every_copy=True)["registry"].count("http://") == 3
    assert run.peers(every_copy=False)["registry"].count("http://") == 1


@pytest.mark.parametrize("words", ["registry", "registry=0", "registry=99", "post=2", "registry=x"])
def test_copies_that_make_no_sense_are_told_in_one_line(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from deploy.local.stack import copies_of; copies_of()"],
        cwd=ROOT,
        env={**os.environ, "PORTAL_COPIES": words},
        capture_output=True,
        text=True,
    )
    assert "Trouble: PORTAL_COPIES" in done.stderr


def test_every_right_at_the_broker_is_anchored() -> None:
    users = {name: name for name in ("registry", "identity", "deployer", "gateway")}
    told = definitions(["registry", "identity"], users)
    rights = [each for kind in ("permissions", "topic_permissions") for each in _list(told[kind])]
    for right in rights:
        for verb in ("configure", "write", "read"):
            pattern = right.get(verb, "^$")
            assert pattern.startswith("^"), right
            assert pattern.endswith(("$", "\\.")), right
    own = next(right for right in rights if right["user"] == "registry")
    assert own["configure"] == "^$"
    assert re.fullmatch(own["read"].strip("^$"), "registry")


def _list(value: object) -> list[dict[str, str]]:
    assert isinstance(value, list)
    return value


def test_password_hashes_are_salted() -> None:
    assert password_hash("secret") != password_hash("secret")
    assert password_hash("secret", b"salt") == password_hash("secret", b"salt")


def test_the_codes_shown_are_those_of_an_authenticator_app() -> None:
    for at in (59, 1_111_111_109, 2_000_000_000):
        assert totp("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", at) == pyotp.TOTP(
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        ).at(at)


def test_the_table_names_each_process_once() -> None:
    names = [process.name for process in STACK]
    assert len(set(names)) == len(names)
