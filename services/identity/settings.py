"""What an operator may turn."""

from datetime import date
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Each field is read from ``IDENTITY_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_", frozen=True)

    #: Where the portal is; every link in a letter begins with it, whatever a request claims.
    public_url: str
    #: The day (in Japan) on which provisional accounts become full ones, unless an import says otherwise.
    promote_on: date | None = None
    #: How long the link of an account request works.
    link_hours: int = Field(default=24, ge=1, le=72)
    #: How long the link of a provisional account works.
    activation_hours: int = Field(default=336, ge=1, le=720)
    #: How long an invitation works.
    invitation_hours: int = Field(default=168, ge=1, le=720)
    #: How long a link for a new password works.
    reset_hours: int = Field(default=2, ge=1, le=24)
    #: A request nobody confirmed is over after this many days.
    request_days: int = Field(default=7, ge=1, le=30)
    #: What such a request said about a person is forgotten after this many days.
    forget_days: int = Field(default=30, ge=1, le=400)
    #: Account mails one address is sent within an hour, and within a day.
    mails_an_hour: int = Field(default=5, ge=1, le=100)
    mails_a_day: int = Field(default=15, ge=1, le=500)
    #: A session nobody uses ends after this many minutes; any session after this many hours.
    idle_minutes: int = Field(default=30, ge=5, le=120)
    session_hours: int = Field(default=12, ge=1, le=12)
    #: How long the token of a machine client works.
    client_token_seconds: int = Field(default=600, ge=60, le=600)
    #: A resident's session nobody uses ends after this many minutes; any such session after this many hours.
    resident_idle_minutes: int = Field(default=10, ge=1, le=30)
    resident_hours: int = Field(default=2, ge=1, le=12)
    #: Where the issuer of the residents' cards answers; without it no card is read.
    card_issuer_url: str | None = None
    #: The issuer's own certificates (PEM): what every card's certificate has to come from.
    card_roots_file: Path | None = None
    #: What hides the certificates' numbers; if it is ever lost, nobody's card is known any more.
    card_secret: SecretStr | None = Field(default=None, min_length=16)
    #: A simulator of cards, for a machine of one's own: its invented persons may sign in. Never set it elsewhere.
    card_simulator_url: str | None = None
    #: Passwords hashed side by side; 0 is one less than there are processors.
    hash_workers: int = Field(default=0, ge=0, le=64)
    #: Passwords that may wait to be hashed before the door says "later".
    hash_queue: int = Field(default=32, ge=1, le=1000)
