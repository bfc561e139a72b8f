"""What a handler may return, and what bodies and queries are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request body: JSON's own types only, and no field nobody asked for."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, str_max_length=20_000)


class Query(BaseModel):
    """The query of an address; every field has a bound, unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)


@dataclass(frozen=True, slots=True)
class Json:
    """JSON that is ready, made by SQL and passed through."""

    content: bytes | str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with more to say about it than 200."""

    body: BaseModel | Json | bytes | None = None
    status: int | None = None
    etag: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
