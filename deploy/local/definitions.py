"""What the broker knows from its first moment: who may do what. Queues come with `prepare`."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping

VHOST = "machipo"
EXCHANGE = "events"
DEPLOYER = "deployer"
GATEWAY = "gateway"


def definitions(
    services: Iterable[str], passwords: Mapping[str, str], vhosts: Iterable[str] = (VHOST,)
) -> dict[str, object]:
    """Users and rights for ``services``, the deployer and the gateway, the same in every vhost."""
    services, vhosts = list(services), list(vhosts)
    return {
        "users": [_user(name, passwords[name]) for name in [*services, DEPLOYER, GATEWAY]],
        "vhosts": [{"name": vhost} for vhost in vhosts],
        "permissions": [
            {"vhost": vhost, **rights} for vhost in vhosts for rights in _rights(services)
        ],
        "topic_permissions": [
            {
                "vhost": vhost,
                "user": name,
                "exchange": EXCHANGE,
                "write": f"^{name}\\.",
                "read": "^$",
            }
            for vhost in vhosts
            for name in services
        ],
        "exchanges": [_events(vhost) for vhost in vhosts],
    }


def _rights(services: list[str]) -> list[dict[str, str]]:
    """A service speaks to the exchange and reads its own queue; only the deployer declares."""
    names = "|".join([EXCHANGE, *services])
    own = [
        {"user": name, "configure": "^$", "write": f"^{EXCHANGE}$", "read": f"^{name}$"}
        for name in services
    ]
    deployer = f"^({names})$"
    queues = rf"^{GATEWAY}\..*$"
    return [
        *own,
        {"user": DEPLOYER, "configure": deployer, "write": deployer, "read": deployer},
        {
            "user": GATEWAY,
            "configure": queues,
            "write": queues,
            "read": rf"^({EXCHANGE}|{GATEWAY}\..*)$",
        },
    ]


def _topic(vhost: str, name: str) -> dict[str, str]:
    """A service speaks in its own name only."""
    rights = {"exchange": EXCHANGE, "write": rf"^{name}\.", "read": "^$"}
    return {"vhost": vhost, "user": name, **rights}


def _events(vhost: str) -> dict[str, object]:
    return {
        "name": EXCHANGE,
        "vhost": vhost,
        "type": "topic",
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _user(name: str, password: str) -> dict[str, object]:
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
        "limits": {},
    }


def password_hash(password: str, salt: bytes | None = None) -> str:
    """RabbitMQ's salted hash of ``password``."""
    salt = salt or secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def as_bytes(content: Mapping[str, object]) -> bytes:
    """The definitions file."""
    return json.dumps(content, indent=2, sort_keys=True).encode()
