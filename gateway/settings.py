"""What an operator may turn at the door, read once from the environment (``GATEWAY_…``)."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """The settings of the gateway."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True)

    #: Address to listen on.
    http_host: str = "127.0.0.1"
    #: Port to listen on.
    http_port: int = Field(ge=1, le=65535)
    #: How many processes answer.
    workers: int = Field(default=2, ge=1, le=64)
    #: Which start of the whole stack this is; ``/readyz`` repeats it.
    run_id: str = ""
    #: The gateway's own private keys, and everybody's public ones (JWK sets).
    key_file: Path
    keys_file: Path
    #: Where the services answer inside, by name; several copies of one are separated by commas.
    peers: dict[str, str] = {}
    #: RabbitMQ, as the gateway's own user: may only make and read queues named ``gateway.…``.
    broker_url: SecretStr
    #: The address people use, ``https://…``; requests for another host are refused.
    public_url: str = "http://localhost:8080"
    #: Further host names the gateway answers to.
    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    #: Networks whose ``X-Forwarded-For`` is believed: the load balancers in front.
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    #: Networks that may read ``/readyz`` and ``/metrics``.
    operator_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        validate_default=True,
    )
    #: All allowances for visitors times this.
    rate_factor: float = Field(default=1.0, gt=0)
    #: Off: every request takes the ordinary path through aiohttp.
    fast_path: bool = True
    #: Least severe level that is written.
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    #: ``console`` for people, ``json`` for machines.
    log_format: Literal["console", "json"] = "json"

    @field_validator("hosts", "trusted_proxies", "operator_networks", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
