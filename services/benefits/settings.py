"""What an operator of benefits may turn."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Each field is read from ``BENEFITS_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="BENEFITS_", frozen=True)

    #: Seconds between looks for what is due; what is due counts from its own instant whenever it is seen.
    due_seconds: float = Field(default=0.2, gt=0, le=10)
    #: Seconds between two signed heads of the ledger in the log; one is written only when something moved.
    head_seconds: float = Field(default=60.0, gt=0, le=3600)
    #: Where a provider simulator answers for providers that named no endpoint; nowhere when empty, as it has to be
    #: wherever points are real. Its host and port alone may be called although they are not of the public internet.
    simulator_url: str = ""
    #: What the simulator's signing key is made of.
    simulator_secret: SecretStr = SecretStr("")
