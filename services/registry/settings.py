"""What an operator of the registry may turn."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings
from services.registry.model.checking import Guidelines


class Settings(ServiceSettings):
    """Each field is read from ``REGISTRY_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_", frozen=True)

    #: Where the portal is; addresses in feeds and letters begin with it.
    public_url: str = "http://localhost:8080"
    #: Version of the registration guideline (登録要領) municipalities must accept.
    municipality_guideline: str = "2023-04-12"
    #: Version of the registration guideline providers must accept.
    provider_guideline: str = "2023-05-26"
    #: Streams and waiting requests one known caller may hold open on the change feed.
    streams_each: int = Field(default=4, ge=1)
    #: … and all callers together, in one process.
    streams_together: int = Field(default=1000, ge=1)
    #: Seconds between looks for documents in quarantine.
    inspection_seconds: float = Field(default=1.0, gt=0)
    #: Where CloudSign's Web API is (``https://api.cloudsign.jp``), or its simulator; no contract goes out without it.
    signing_url: str = ""
    #: The client id CloudSign gave us.
    signing_client_id: SecretStr = SecretStr("")
    #: Seconds a call to CloudSign may take; well under the lease of a contract, which is 90.
    signing_seconds: float = Field(default=20.0, gt=0, le=30)
    #: Seconds between looks at a contract that is out though CloudSign said nothing.
    signing_look_seconds: float = Field(default=3600.0, gt=0)

    #: Seconds between looks for measures that open, close or are settled; what they do is true from their own instant.
    due_seconds: float = Field(default=0.25, gt=0)

    @property
    def guidelines(self) -> Guidelines:
        """The guideline versions that count now."""
        return Guidelines(self.municipality_guideline, self.provider_guideline)
