"""Who comes in by a route, and on which version they build."""

from aiohttp import web

from chassis.access import Keys
from chassis.refusal import ConditionMissing, Forbidden, Malformed, NotFound, Unauthenticated
from chassis.web.routes import Access, Route
from contracts.principal import Principal


def visitor_of(request: web.Request, keys: Keys, access: Access) -> Principal | None:
    """Whom the request's token speaks for."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        if access.public:
            return None
        raise Unauthenticated("token-missing", "ログインしてから、もう一度お試しください。")
    return keys.verify(token)


def admit(visitor: Principal | None, access: Access) -> None:
    """Default deny: who is not named does not come in."""
    if access.public:
        return
    if visitor is None:
        raise Unauthenticated("token-missing", "ログインしてから、もう一度お試しください。")
    if access.internal or visitor.kind == "service":
        if not (access.internal and visitor.kind == "service"):
            raise NotFound("not-found", "お探しのものは見つかりません。")
        return
    if visitor.kind not in access.kinds:
        raise Forbidden(
            "asker-kind",
            "この操作は、別の種類の方だけができます。ログインし直してから、もう一度お試しください。",
        )
    if access.organisation and visitor.organisation_kind not in access.organisation:
        raise Forbidden("organisation-kind", "この操作は、別の種類の団体の方だけができます。")
    if visitor.kind == "client":
        if not access.scopes & visitor.scopes:
            raise Forbidden("scope-missing", "このクライアントには、この操作が許可されていません。")
    elif access.roles and not access.roles & visitor.roles:
        raise Forbidden(
            "role-missing", "この操作に必要な役割がありません。団体の管理者にご相談ください。"
        )


def if_match_of(request: web.Request, route: Route) -> int | None:
    """The revision the change is built on, where the route asks for it."""
    if not route.if_match:
        return None
    given = request.headers.get("If-Match")
    if given is None:
        raise ConditionMissing(
            "if-match-missing", "どの版をもとにした変更かを If-Match ヘッダーで示してください。"
        )
    version = given.strip().strip('"')
    # As many digits as any version has: with more the database could not even be asked.
    if not (version.isascii() and version.isdigit() and len(version) <= 18):
        raise Malformed(
            "if-match-unreadable", "If-Match には受け取った ETag をそのまま付けてください。"
        )
    return int(version)
