"""Virtual hosts for tests: each with the users and rights that the real one has."""

import secrets
from dataclasses import dataclass

from deploy.local.definitions import DEPLOYER, GATEWAY, definitions
from deploy.local.rabbitmq import RabbitMQ


@dataclass(frozen=True, slots=True)
class VirtualHost:
    """A broker of its own, as far as a test can see; every user's password is the user's name."""

    node: RabbitMQ
    name: str

    def url(self, user: str) -> str:
        """The address for ``user``: a service, or `gateway`."""
        return self.node.url(user, user, self.name)

    @property
    def deployer_url(self) -> str:
        """The address for the user that may declare queues."""
        return self.url(DEPLOYER)

    def cut(self) -> None:
        """Close every connection to it, as a broker that goes away does."""
        self.node.ask(
            '[rabbit_networking:close_connection(P, "cut") || '
            "[{pid, P}, {vhost, V}] <- rabbit_networking:connection_info_all([pid, vhost]), "
            f'V =:= <<"{self.name}">>].'
        )

    def delete(self) -> None:
        """Remove it and everything in it."""
        self.node.ask(f'rabbit_vhost:delete(<<"{self.name}">>, <<"tests">>).')


def virtual_host(node: RabbitMQ, services: tuple[str, ...]) -> VirtualHost:
    """A fresh virtual host for ``services``, with an `events` exchange and no queue."""
    name = f"t{secrets.token_hex(4)}"
    passwords = {user: user for user in (*services, DEPLOYER, GATEWAY)}
    node.load(definitions(services, passwords, [name]))
    return VirtualHost(node, name)


def empty_definitions() -> dict[str, object]:
    """A broker with the two users every virtual host has, and no virtual host yet."""
    return definitions((), {DEPLOYER: DEPLOYER, GATEWAY: GATEWAY}, ())
