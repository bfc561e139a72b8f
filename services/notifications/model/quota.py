"""How many letters an organisation may have written in a day of Japan."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from chassis.clock import JAPAN
from chassis.refusal import TooMany


@dataclass(frozen=True, slots=True)
class Quota:
    """What is allowed, and what is used."""

    allowed: int
    used: int
    #: Seconds until it begins anew.
    resets_in: int

    @classmethod
    def of(cls, allowed: int, used: int, at: datetime) -> "Quota":
        """The quota at an instant; it begins anew at Japan's midnight."""
        there = at.astimezone(JAPAN)
        midnight = datetime.combine(there.date() + timedelta(days=1), time(), JAPAN)
        return cls(allowed, used, max(1, int((midnight - there).total_seconds())))

    @property
    def left(self) -> int:
        """How many letters are left today."""
        return max(0, self.allowed - self.used)

    @property
    def headers(self) -> dict[str, str]:
        """The same, as every answer shows it."""
        return {
            "RateLimit-Limit": str(self.allowed),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.resets_in),
        }

    def take(self, letters: int) -> "Quota":
        """The quota after so many letters more; refused where there are not so many left."""
        if letters > self.left:
            raise TooMany(
                "letters-a-day",
                f"1日に送れる手紙は{self.allowed:,}通までで、今日の残りは{self.left:,}通です。"
                "あて先を減らすか、明日もう一度お試しください。",
                retry_after=self.resets_in,
            )
        return Quota(self.allowed, self.used + letters, self.resets_in)
