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
    #: A second mail server, if there is one: traffic moves to it in steps while the first is slower or fails more.
    second_smtp_host: str | None = None
    second_smtp_port: int | None = Field(default=None, ge=1, le=65535)
    second_smtp_security: Literal["none", "starttls", "tls"] = "none"
    second_smtp_user: str | None = None
    second_smtp_password: SecretStr | None = None
    #: Seconds each answer of the mail server is waited for.
    smtp_seconds: float = Field(default=30.0, gt=0)
    #: Who our mails are from; mails that come back go to ``bounce+…`` at the same domain.
    mail_sender: str = Field(
        default="no-reply@machipo.example", pattern=r"^[a-z0-9.-]{1,64}@[a-z0-9.-]{1,190}$"
    )
    #: Mails one process has under way with one mail server at a time.
    mail_lanes: int = Field(default=4, ge=1, le=50)
    #: Lines on which it hands mails of announcements to one mail server; no receiving domain gets more than half.
    announcement_lanes: int = Field(default=4, ge=1, le=50)
    #: Letters one organisation may have written by jobs in a day.
    letters_a_day: int = Field(default=50_000, ge=1)
    #: Where the portal is, as it is written in letters.
    public_url: str
