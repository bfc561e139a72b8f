"""What an operator may turn."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Each field is read from ``NOTIFICATIONS_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_", frozen=True)

    #: The mail server that takes our mails.
    smtp_host: str
    smtp_port: int = Field(ge=1, le=65535)
    #: How the line to it is secured; without a password ``none`` is for this machine only.
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    #: Seconds each answer of the mail server is waited for.
    smtp_seconds: float = Field(default=30.0, gt=0)
    #: Who our mails are from; mails that come back go to ``bounce+…`` at the same domain.
    mail_sender: str = Field(
        default="no-reply@machipo.example", pattern=r"^[a-z0-9.-]{1,64}@[a-z0-9.-]{1,190}$"
    )
    #: Mails one process has under way at a time.
    mail_lanes: int = Field(default=4, ge=1, le=50)
    #: Where the portal is, as it is written in letters.
    public_url: str
