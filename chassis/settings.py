"""What an operator may turn, read once from the environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """The settings every service has; each field is read from ``<SERVICE>_<FIELD>``."""

    model_config = SettingsConfigDict(frozen=True)

    #: PostgreSQL, as the application role: may not create or alter tables.
    database_url: SecretStr
    #: PostgreSQL, as the owner of the tables; only ``prepare`` needs it.
    owner_database_url: SecretStr | None = None
    #: RabbitMQ, as the service's own user: writes to ``events``, reads its own queue.
    broker_url: SecretStr
    #: RabbitMQ, as the user that may declare queues; only ``prepare`` needs it.
    deployer_broker_url: SecretStr | None = None
    #: Address to listen on.
    http_host: str = "127.0.0.1"
    #: Port to listen on.
    http_port: int = Field(ge=1, le=65535)
    #: Which start of the whole stack this is; ``/readyz`` repeats it so that a stranger's answer is noticed.
    run_id: str = ""
    #: The service's own private keys (JWK set: Ed25519 to sign, X25519 to open what is sealed for it).
    key_file: Path
    #: Everybody's public keys (JWK set; ``kid`` is the issuer's name).
    keys_file: Path
    #: Where the other services answer inside, by name; the comparison of facts asks there.
    peers: dict[str, str] = {}
    #: The most database connections one process opens.
    pool_size: int = Field(default=10, ge=2, le=100)
    #: How often what was heard is compared with what was said.
    compare_seconds: float = Field(default=5.0, gt=0)
    #: Publish facts one by one with the library's own means instead of in batches.
    publish_plainly: bool = False
    #: Least severe level that is written.
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    #: ``console`` for people, ``json`` for machines.
    log_format: Literal["console", "json"] = "json"
