"""What a row of the bench tells."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured: ours beside a peer's, in ``unit``, more is better."""

    name: str
    ours: float
    peer: float
    peer_name: str
    unit: str
    #: What the ratio should reach first, and in the end.
    first_goal: float
    goal: float
    notes: str = ""
    #: Mebibytes resident while measured, by process.
    memory: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How many times the peer's figure ours is."""
        return self.ours / self.peer if self.peer else float("inf")

    def as_json(self) -> dict[str, object]:
        """The row for programs."""
        return {**asdict(self), "ratio": round(self.ratio, 4), "held": self.held}

    @property
    def held(self) -> bool:
        """Whether the first goal is reached."""
        return self.ratio >= self.first_goal
