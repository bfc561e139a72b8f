"""What an operator of content may turn."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Each field is read from ``CONTENT_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="CONTENT_", frozen=True)

    #: Where the portal is, as it is written in feeds.
    public_url: str
    #: Where files lie: in ``file_folder`` of this machine, or in a bucket that speaks S3.
    file_store: Literal["folder", "s3"] = "folder"
    #: The folder; every copy of the service must see the same one.
    file_folder: Path = Path("files")
    #: The bucket, the address of its server, its region, and the key with which one gets in.
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "ap-northeast-1"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    #: Seconds between looks whether a notice is due.
    due_seconds: float = Field(default=0.2, gt=0, le=0.5)
    #: Seconds between looks for files in quarantine.
    inspection_seconds: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        named = (self.s3_bucket, self.s3_endpoint, self.s3_access_key)
        if self.file_store == "s3" and not all(named):
            raise ValueError(
                "CONTENT_FILE_STORE=s3 needs CONTENT_S3_BUCKET, _ENDPOINT and _ACCESS_KEY"
            )
        return self
