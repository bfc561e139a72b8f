"""A private RabbitMQ: found on the machine or fetched, started, asked and stopped."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.child import START_SECONDS, Child, Pid
from deploy.local.debian import Say, unpacked
from deploy.local.definitions import as_bytes
from deploy.local.ports import LOOPBACK, answers, free_ports
from deploy.local.trouble import Trouble

_NODE = "machipo@localhost"
_ERL_ARGS = (
    "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false "
    "-kernel inet_dist_use_interface {127,0,0,1}"
)


@dataclass(frozen=True, slots=True)
class Installation:
    """Where RabbitMQ and Erlang lie; ``root`` is / for the machine's own."""

    root: Path
    server: Path

    @property
    def erlang(self) -> Path:
        """The folder with erl, epmd and erl_call."""
        return self.root / "usr/lib/erlang/bin"

    def environment(self) -> dict[str, str]:
        """What the programs need to find each other."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_"))}
        path = f"{self.erlang}:{self.root}/usr/bin:{kept.get('PATH', '/usr/bin:/bin')}"
        libraries = [str(folder) for folder in (self.root / "usr/lib").glob("*-linux-gnu*")]
        libraries += [str(folder) for folder in (self.root / "lib").glob("*-linux-gnu*")]
        own = {} if self.root == Path("/") else {"LD_LIBRARY_PATH": ":".join(libraries)}
        return {**kept, **own, "PATH": path, "LC_ALL": "C.UTF-8"}


def find_rabbitmq(say: Say) -> Installation:
    """The machine's RabbitMQ, or Debian's unpacked into a cache."""
    own = _server_in(Path("/"))
    if own and Path("/usr/lib/erlang/bin/erl_call").exists():
        return Installation(Path("/"), own)
    root = unpacked("rabbitmq", ["rabbitmq-server"], say, _move_erlang)
    server = _server_in(root)
    if server is None:
        raise Trouble(f"RabbitMQ is missing from {root}: delete that folder and run it again")
    return Installation(root, server)


def _server_in(root: Path) -> Path | None:
    found = sorted((root / "usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    return found[-1] if found else None


def _move_erlang(work: Path, home: Path) -> None:
    """Debian's erl looks for itself in /usr/lib/erlang only."""
    scripts = [work / "usr/lib/erlang/bin/erl", *work.glob("usr/lib/erlang/erts-*/bin/erl")]
    for script in scripts:
        text = script.read_text()
        script.write_text(
            text.replace("ROOTDIR=/usr/lib/erlang", f'ROOTDIR="{home}/usr/lib/erlang"')
        )


@dataclass(slots=True)
class RabbitMQ:
    """One broker node with its data in ``home``; what it holds may be thrown away."""

    home: Path
    say: Say
    throwaway: bool = False
    #: Told each process that is started, so that a later launcher can end it.
    record: Callable[[Pid], None] = lambda _: None
    port: int = 0
    children: list[Child] = field(default_factory=list)
    _installation: Installation | None = None
    #: For Erlang's distribution, and for its port mapper.
    _ports: list[int] = field(default_factory=list)

    def start(self, definitions: Mapping[str, object], within: float = START_SECONDS) -> None:
        """Start the node with ``definitions`` and wait for its AMQP port."""
        self._installation = find_rabbitmq(self.say)
        self.port = self.port or free_ports(1)[0]
        if not self._ports:
            self._ports = free_ports(2)
        self._lay_out(definitions)
        try:
            self._launch(within)
        except Trouble:
            if not (self.home / "mnesia").exists() or self.throwaway:
                raise
            # The broker carries and the databases remember: a node that cannot read its
            # own old data starts anew, and the comparison fetches what was under way.
            self.say("RabbitMQ does not start on its old data, starting it empty")
            self.stop()
            shutil.rmtree(self.home / "mnesia", ignore_errors=True)
            self._launch(within)

    def _launch(self, within: float) -> None:
        assert self._installation is not None
        env, log = self._environment(), self.home / "log" / "start.log"
        epmd = [str(self._installation.erlang / "epmd")]
        epmd += ["-port", str(self._ports[1]), "-address", LOOPBACK]
        self.children = [self._child("epmd", epmd, env, log)]
        self.children[0].wait_until(lambda: answers(self._ports[1]), within)
        server = [str(self._installation.server)]
        self.children.append(self._child("rabbitmq", server, env, log))
        self.children[1].wait_until(lambda: answers(self.port), within)

    def _child(self, name: str, command: list[str], env: dict[str, str], log: Path) -> Child:
        follows = self.throwaway
        child = Child.start(name, command, env=env, log=log, dies_with_us=follows, cwd="/")
        self.record(child.pid)
        return child

    def stop(self, within: float = 10) -> None:
        """Stop the node, then the port mapper."""
        for child in reversed(self.children):
            child.stop(0 if self.throwaway else within)
        self.children = []

    @property
    def ended(self) -> bool:
        """Whether it was started and runs no more."""
        return any(child.ended for child in self.children)

    def url(self, user: str, password: str, vhost: str) -> str:
        """The address a client connects to."""
        return f"amqp://{user}:{password}@{LOOPBACK}:{self.port}/{vhost}"

    def load(self, definitions: Mapping[str, object]) -> None:
        """Add ``definitions`` to the running node."""
        path = self.home / f"more-{secrets.token_hex(6)}.json"
        path.write_bytes(as_bytes(definitions))
        try:
            self.ask(
                f'{{ok, Raw}} = file:read_file("{path}"), ok = rabbit_definitions:import_raw(Raw).'
            )
        finally:
            path.unlink()

    def ask(self, expressions: str) -> str:
        """What the node answers to Erlang ``expressions``, within milliseconds."""
        # Only a caller that did not get through asks again: what was said is not said twice.
        for pause in (0.1, 0.3, 1.0, 3.0, None):
            done = self._call(expressions)
            if done.returncode == 0 and done.stdout.startswith("{ok"):
                return done.stdout.removeprefix("{ok, ").removesuffix("}")
            if pause is None or self.ended or "failed to connect" not in done.stderr:
                break
            time.sleep(pause)
        raise Trouble(f"RabbitMQ did not do it: {(done.stdout + done.stderr).strip()}")

    def _call(self, expressions: str) -> "subprocess.CompletedProcess[str]":
        assert self._installation is not None
        # A name of its own for each call: the node turns a second caller of one name away
        # until it has noticed that the first is gone.
        command = [str(self._installation.erlang / "erl_call"), "-r", "-c", self._cookie()]
        command += ["-address", f"{LOOPBACK}:{self._ports[0]}", "-e"]
        environment, text = self._environment(), f"{expressions}\n"
        return subprocess.run(command, env=environment, input=text, capture_output=True, text=True)

    def _lay_out(self, definitions: Mapping[str, object]) -> None:
        for name in ("home", "mnesia", "log", "gen"):
            (self.home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._cookie()
        (self.home / "definitions.json").write_bytes(as_bytes(definitions))
        (self.home / "definitions.json").chmod(0o600)
        (self.home / "plugins").write_text("[].\n")
        # A bare machine may not know what "localhost" is.
        (self.home / "inetrc").write_text(
            '{host, {127,0,0,1}, ["localhost"]}.\n{lookup, [file, native]}.\n'
        )
        settings = {
            "listeners.tcp.1": f"{LOOPBACK}:{self.port}",
            "load_definitions": self.home / "definitions.json",
            "disk_free_limit.absolute": "200MB",
            "vm_memory_high_watermark.absolute": "512MB",
            "log.console": "false",
            "log.file.level": "info",
        }
        lines = [f"{key} = {value}" for key, value in settings.items()]
        (self.home / "rabbitmq.conf").write_text("\n".join(lines) + "\n")

    def _cookie(self) -> str:
        path = self.home / "home" / ".erlang.cookie"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_hex(20))
            path.chmod(0o400)
        return path.read_text()

    def _environment(self) -> dict[str, str]:
        assert self._installation is not None
        home, (distribution, epmd) = self.home, self._ports
        return {
            **self._installation.environment(),
            "HOME": str(home / "home"),
            # Without this the start script stays in between and turns signals around.
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_INETRC": str(home / "inetrc"),
            "RABBITMQ_NODENAME": _NODE,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "gen"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERL_ARGS,
        }
