"""The process table: what runs on one machine, and what each process is told."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.local.definitions import DEPLOYER, GATEWAY, VHOST
from deploy.local.places import PORTAL, PYTHON
from deploy.local.ports import LOOPBACK
from deploy.local.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Process:
    """A line of the process table: ``python -m module``, run as ``copies`` processes."""

    name: str
    module: str
    #: Has a database, a queue and a `prepare`.
    service: bool = True
    #: Words after the module that put its demo data in; empty for none.
    demo: tuple[str, ...] = ()
    copies: int = 1
    #: Whether it answers `/readyz` with the run's id; else answering at all is enough.
    tells_run: bool = True


#: Every service is prepared before any serves; no other order is needed.
STACK = (
    Process("identity", "services.identity", demo=("demo",)),
    Process("registry", "services.registry", demo=("demo",)),
    Process("scheduling", "services.scheduling", demo=("demo",)),
    Process("content", "services.content", demo=("demo",)),
    Process("notifications", "services.notifications"),
    Process("benefits", "services.benefits"),
    Process("gateway", "gateway", service=False),
    Process("mail", "services.notifications.catcher", service=False, tells_run=False),
    Process("signing", "services.registry.signing_simulator", service=False, tells_run=False),
    Process("cards", "services.identity.card_simulator", service=False, tells_run=False),
    Process("provider", "services.benefits.provider_simulator", service=False, tells_run=False),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """One process of the table's many."""

    process: Process
    number: int

    @property
    def name(self) -> str:
        """The name in logs, files and `status`: `registry`, `registry-2` …."""
        return self.process.name if self.number == 1 else f"{self.process.name}-{self.number}"

    def command(self, *words: str) -> list[str]:
        """How it is started."""
        return [str(PYTHON), "-m", self.process.module, *words]


def service_names(stack: Iterable[Process] = STACK) -> list[str]:
    """The services: what has a database and a queue."""
    return [process.name for process in stack if process.service]


def copies_of(stack: Iterable[Process] = STACK) -> list[Copy]:
    """Every process to start; `PORTAL_COPIES="registry=3"` asks for more of one."""
    wanted = _wanted_copies(os.environ.get("PORTAL_COPIES", ""), service_names(stack))
    return [
        Copy(process, number)
        for process in stack
        for number in range(1, wanted.get(process.name, process.copies) + 1)
    ]


def _wanted_copies(text: str, services: list[str]) -> dict[str, int]:
    wanted = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, count = part.partition("=")
        if name not in services or not count.isdecimal() or not 1 <= int(count) <= 16:
            raise Trouble(
                f"PORTAL_COPIES={text!r} is not understood: write registry=3,notifications=2 "
                f"with services of {', '.join(services)}"
            )
        wanted[name] = int(count)
    return wanted


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run decided: its id, its ports, its passwords."""

    run_id: str
    ports: Mapping[str, int]
    passwords: Mapping[str, str]
    copies: Mapping[str, int]

    @property
    def url(self) -> str:
        """The portal's address."""
        return f"http://{LOOPBACK}:{self.ports['gateway']}"

    def database_url(self, service: str, role: str) -> str:
        """PostgreSQL for a service, as its `owner` or its `app`."""
        user = f"{service}_{role}"
        place = f"{LOOPBACK}:{self.ports['postgresql']}"
        return f"postgresql://{user}:{self.passwords[user]}@{place}/{service}"

    def broker_url(self, user: str) -> str:
        """RabbitMQ for one of its users."""
        secret = self.passwords[f"broker-{user}"]
        return f"amqp://{user}:{secret}@{LOOPBACK}:{self.ports['rabbitmq']}/{VHOST}"

    def peers(self, *, every_copy: bool) -> dict[str, str]:
        """Where each service answers; the gateway hears of every copy, separated by commas."""
        return {
            service: ",".join(
                f"http://{LOOPBACK}:{self.ports[name]}"
                for name in self._names(service)[: None if every_copy else 1]
            )
            for service in service_names()
        }

    def _names(self, service: str) -> list[str]:
        process = next(process for process in STACK if process.name == service)
        numbers = range(1, self.copies.get(service, 1) + 1)
        return [Copy(process, number).name for number in numbers]

    def environment(self, copy: Copy, *, preparing: bool = False) -> dict[str, str]:
        """What the process reads; only `prepare` and the operator's acts get the owner's rights."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        own = self._own(copy)
        if copy.process.service:
            own |= {"DATABASE_URL": self.database_url(copy.process.name, "app")}
            if preparing:
                own["OWNER_DATABASE_URL"] = self.database_url(copy.process.name, "owner")
                own["DEPLOYER_BROKER_URL"] = self.broker_url(DEPLOYER)
        prefix = _PREFIXES.get(copy.process.name, copy.process.name.upper())
        named = {f"{prefix}_{key}": value for key, value in own.items()}
        more = self._for_returned_mail() if copy.process.name == "mail" else {}
        return {**kept, **more, **named, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}

    def _for_returned_mail(self) -> dict[str, str]:
        """The catcher hands a mail that comes back to notifications, as a mail server would."""
        process = next(process for process in STACK if process.name == "notifications")
        return self.environment(Copy(process, 1))

    def _own(self, copy: Copy) -> dict[str, str]:
        name, home = copy.process.name, {"HTTP_HOST": LOOPBACK}
        if name == "mail":
            smtp = str(self.ports["smtp"])
            return {**home, "HTTP_PORT": str(self.ports["mail"]), "SMTP_PORT": smtp} | {
                "DIR": str(PORTAL / "mail"),
                "RETURN_COMMAND": f"{PYTHON} -m services.notifications bounce",
            }
        if name == "signing":
            told = f"{self.url}/api/v1/registry/contract-notices"
            file = str(PORTAL / "signing" / "documents.json")
            return {**home, "HTTP_PORT": str(self.ports[name]), "FILE": file, "WEBHOOK_URL": told}
        if name == "cards":
            return {**home, "HTTP_PORT": str(self.ports[name]), "FOLDER": str(_CARDS)}
        if name == "provider":
            return {**home, **self._provider()}
        return {
            **home,
            "HTTP_PORT": str(self.ports[copy.name]),
            "RUN_ID": self.run_id,
            "KEY_FILE": str(PORTAL / "keys" / f"{name}.json"),
            "KEYS_FILE": str(PORTAL / "keys" / "public.json"),
            "PEERS": json.dumps(self.peers(every_copy=name == GATEWAY)),
            "BROKER_URL": self.broker_url(GATEWAY if name == GATEWAY else name),
            "LOG_LEVEL": os.environ.get("PORTAL_LOG_LEVEL", "info"),
            "LOG_FORMAT": os.environ.get("PORTAL_LOG_FORMAT", "console"),
            **self._extras(name),
        }

    def _provider(self) -> dict[str, str]:
        """The provider simulator signs with a secret benefits knows, and keeps its books."""
        return {
            "HTTP_PORT": str(self.ports["provider"]),
            "SECRET": self.passwords["simulator-secret"],
            "BOOKS_FILE": str(PORTAL / "provider" / "books.jsonl"),
        }

    def _extras(self, name: str) -> dict[str, str]:
        public = {"PUBLIC_URL": self.url}
        smtp = {"SMTP_HOST": LOOPBACK, "SMTP_PORT": str(self.ports["smtp"])}
        workers = os.environ.get("PORTAL_WORKERS", "1")
        rate = os.environ.get("PORTAL_RATE_FACTOR", "1")
        return {
            "identity": {**public, **self._cards()},
            "registry": {
                "SIGNING_URL": f"http://{LOOPBACK}:{self.ports['signing']}",
                "SIGNING_CLIENT_ID": "simulated",
                **public,
            },
            "content": {**public, "FILE_FOLDER": str(PORTAL / "files")},
            "notifications": {**smtp, **public},
            "benefits": {
                "SIMULATOR_URL": f"http://{LOOPBACK}:{self.ports['provider']}",
                "SIMULATOR_SECRET": self.passwords["simulator-secret"],
            },
            "gateway": {"WORKERS": workers, "RATE_FACTOR": rate, **public, "HOSTS": "localhost"},
        }.get(name, {})

    def _cards(self) -> dict[str, str]:
        """Invented persons sign in with cards of the simulator, whose roots identity trusts."""
        url = f"http://{LOOPBACK}:{self.ports['cards']}"
        return {
            "CARD_ISSUER_URL": url,
            "CARD_SIMULATOR_URL": url,
            "CARD_ROOTS_FILE": str(_CARDS / "roots.pem"),
            "CARD_SECRET": self.passwords["card-secret"],
        }


_CARDS = PORTAL / "cards"
#: Whose variables would tell a process something else than the run decided.
_PREFIXES = {"mail": "CATCHER"}
_FOREIGN = (
    "PG",
    "PYTHONPATH",
    "PYTHONHOME",
    *(f"{_PREFIXES.get(process.name, process.name.upper())}_" for process in STACK),
)
