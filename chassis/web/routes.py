"""Routes, declared by decorators and read from type hints."""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter

from chassis.web.answer import Body
from contracts.principal import Role
from contracts.values import OrganisationKind

Handler = Callable[..., Awaitable[Any]]


#: Who comes in where no kind is named: people of organisations, and their machines.
STAFF = frozenset({"member", "client"})


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in by a route."""

    public: bool = False
    internal: bool = False
    roles: frozenset[Role] = frozenset()
    organisation: frozenset[OrganisationKind] = frozenset()
    #: Machine clients need one of these; without any named they are refused.
    scopes: frozenset[str] = frozenset()
    #: Which kinds of askers come in at all.
    kinds: frozenset[str] = STAFF


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: where, who, what goes in and what comes out."""

    method: str
    path: str
    handler: Handler
    access: Access
    status: int
    if_match: bool
    idempotent: bool
    body: type[BaseModel] | None
    #: Raw bodies (files, CSV) are taken as bytes: content types that are accepted.
    takes: tuple[str, ...]
    body_limit: int
    query: type[BaseModel] | None
    path_types: dict[str, TypeAdapter[Any]]
    wants: frozenset[str]
    answers: type[BaseModel] | None
    content_type: str
    tag: str

    @property
    def name(self) -> str:
        """The operation's name in logs, audit rows and the description: ``registry.submit``."""
        return f"{self.tag}.{self.handler.__name__}"

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.method not in ("GET", "HEAD")

    @property
    def summary(self) -> str:
        """The first sentence of its docstring."""
        return (inspect.getdoc(self.handler) or self.name).split("\n\n")[0].replace("\n", " ")


class Routes:
    """The routes of one part of a service, below one prefix."""

    def __init__(self, prefix: str = "", *, tag: str) -> None:
        self._prefix = prefix
        self._tag = tag
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """A read: ``conn`` is a connection without a transaction."""
        return self._add("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """An act: ``conn`` is in a transaction the edge opened and will commit."""
        return self._add("POST", path, options)

    def put(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Set something to what the body says."""
        return self._add("PUT", path, options)

    def patch(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Change part of something."""
        return self._add("PATCH", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Take something away."""
        return self._add("DELETE", path, options)

    def _add(self, method: str, path: str, options: dict[str, Any]) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self._routes.append(_route(method, self._prefix + path, handler, self._tag, **options))
            return handler

        return add


def _route(
    method: str,
    path: str,
    handler: Handler,
    tag: str,
    *,
    public: bool = False,
    internal: bool = False,
    roles: set[Role] | frozenset[Role] = frozenset(),
    organisation: set[OrganisationKind] | frozenset[OrganisationKind] = frozenset(),
    scopes: set[str] | frozenset[str] = frozenset(),
    kinds: set[str] | frozenset[str] = STAFF,
    status: int | None = None,
    if_match: bool = False,
    idempotent: bool = True,
    takes: tuple[str, ...] = (),
    body_limit: int = 262_144,
    answers: type[BaseModel] | None = None,
    content_type: str = "application/json",
) -> Route:
    hints = get_type_hints(handler, include_extras=True)
    returns = hints.pop("return", None)
    names = set(inspect.signature(handler).parameters)
    in_path = re.findall(r"{(\w+)(?::[^{}]+)?}", path)
    if answers is None and inspect.isclass(returns) and issubclass(returns, BaseModel):
        answers = returns
    body = hints.get("body")
    if body is not None and body is not bytes and not issubclass(body, Body):
        raise TypeError(f"{handler.__name__}: a body is a chassis.web.Body")
    return Route(
        method=method,
        path=path,
        handler=handler,
        access=Access(
            public,
            internal,
            frozenset(roles),
            frozenset(organisation),
            frozenset(scopes),
            frozenset(kinds),
        ),
        status=status or (204 if returns is type(None) and method != "GET" else 200),
        if_match=if_match,
        idempotent=idempotent and method not in ("GET", "HEAD") and not internal,
        body=None if body is bytes else body,
        takes=takes,
        body_limit=body_limit,
        query=hints.get("query"),
        path_types={name: TypeAdapter(hints.get(name, str)) for name in in_path},
        wants=frozenset(names),
        answers=answers,
        content_type=content_type,
        tag=tag,
    )
