"""What the gateway's rows share: a real gateway with one worker, and the servers put beside and behind it."""

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local.keys import write_keys
from deploy.local.ports import free_ports
from deploy.local.stack import service_names
from tests.bench.programs import Program, program
from tests.bench.tools import tool

#: A public read of about 1 KB.
PATH = "/api/v1/registry/counts"
_ENTRY = {"code": "131016", "name": "東京都千代田区", "kana": "トウキョウトチヨダク"}
_NAMES = (*service_names(), "gateway")
_NO_BROKER = "amqp://gateway:gateway@127.0.0.1:1/none"


def content() -> bytes:
    """What is read."""
    items = [{**_ENTRY, "total": 1000 + n} for n in range(9)]
    return json.dumps({"items": items, "next": "c2"}, ensure_ascii=False).encode().ljust(1024)


@contextmanager
def nginx(folder: Path, core: int) -> Iterator[tuple[Program, int]]:
    """One process of nginx, serving the read from a file."""
    port, here = free_ports(1)[0], folder / f"nginx-{secrets.token_hex(3)}"
    file = here / "root" / PATH.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(content())
    temporary = " ".join(
        f"{name}_temp_path {here};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (here / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {here}/pid; error_log {here}/error.log; {user}"
        "events { worker_connections 1024; }"
        f"http {{ access_log off; keepalive_requests 100000000; default_type application/json; {temporary}"
        " sendfile on; tcp_nopush on; open_file_cache max=100;"
        f" server {{ listen 127.0.0.1:{port}; root {here}/root; location = /readyz {{ return 200; }} }} }}"
    )
    command = [
        tool("nginx"),
        "-p",
        str(here),
        "-c",
        f"{here}/nginx.conf",
        "-e",
        f"{here}/error.log",
    ]
    with program(command, port=port, folder=folder, core=core) as started:
        yield started, port


@contextmanager
def caddy(folder: Path, behind: int) -> Iterator[tuple[Program, int]]:
    """Caddy passing everything on to ``behind``, on one core as the gateway."""
    port = free_ports(1)[0]
    (folder / "Caddyfile").write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n reverse_proxy 127.0.0.1:{behind}\n}}\n"
    )
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [
        tool("caddy"),
        "run",
        "--config",
        str(folder / "Caddyfile"),
        "--adapter",
        "caddyfile",
    ]
    environment = {**home, "GOMAXPROCS": "1"}
    with program(command, port=port, folder=folder, environment=environment) as started:
        yield started, port


@contextmanager
def gateway(
    folder: Path,
    behind: int,
    *,
    broker_url: str = _NO_BROKER,
    more: Mapping[str, str] | None = None,
) -> Iterator[tuple[Program, int]]:
    """The real gateway: every check, its log lines and its counts, one worker on one core."""
    port, keys = free_ports(1)[0], folder / "keys"
    keys_file = write_keys(keys, list(_NAMES))
    url = f"http://127.0.0.1:{behind}"
    environment = {
        "GATEWAY_HTTP_PORT": str(port),
        "GATEWAY_WORKERS": "1",
        "GATEWAY_KEY_FILE": str(keys / "gateway.json"),
        "GATEWAY_KEYS_FILE": str(keys_file),
        "GATEWAY_PEERS": json.dumps(dict.fromkeys(service_names(), url)),
        "GATEWAY_BROKER_URL": broker_url,
        "GATEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        # One visitor asks for everything; it is counted like any other, only allowed more.
        "GATEWAY_RATE_FACTOR": "100000",
        **(more or {}),
    }
    command = [sys.executable, "-m", "gateway"]
    with program(command, port=port, folder=folder, environment=environment) as started:
        yield started, port
