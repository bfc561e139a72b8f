"""Who may be matched with whom, by which services, in which year."""

from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Conflict, FieldError, Invalid
from services.registry.model.match import MatchService
from services.registry.model.organisation import Organisation, State
from services.registry.model.payment_service import PaymentService, ServiceState
from services.registry.store import organisations, register


async def registered(conn: Connection, organisation_id: UUID, whose: str) -> Organisation:
    """The organisation, if it is in the register now."""
    found = await organisations.organisation(conn, organisation_id)
    if found.state is not State.REGISTERED:
        raise Conflict(
            "not-registered", f"{whose}の登録が済んでいないか停止中のため、手続きできません。"
        )
    return found


async def partner(conn: Connection, own: Organisation, partner_id: UUID) -> Organisation:
    """The other side, if it is one that can be proposed to."""
    if not await organisations.is_known(conn, partner_id):
        raise _refused("partner_id", "partner-unknown", "相手の団体が見つかりません。")
    found = await organisations.organisation(conn, partner_id)
    if found.kind is own.kind or found.state is not State.REGISTERED:
        detail = "提案できる相手は、登録済みの自治体と決済事業者の組み合わせだけです。"
        raise _refused("partner_id", "partner-refused", detail)
    return found


async def takes_part(conn: Connection, provider_id: UUID, year: int) -> None:
    """Refuse a provider that did not say it takes part in the year."""
    answers = await register.participations_of(conn, provider_id)
    if not any(a.fiscal_year == year and a.participating for a in answers):
        detail = "この決済事業者は、その年度の事業に参画すると回答していません。"
        raise _refused("fiscal_year", "provider-not-participating", detail)


async def offered(conn: Connection, provider_id: UUID, services: tuple[MatchService, ...]) -> None:
    """Refuse services that are not offered, or not with the wanted grant types."""
    offered = {s.id: s for s in await register.services_of(conn, provider_id)}
    errors = [
        FieldError(f"services.{place}", "service_refused", why)
        for place, wanted in enumerate(services)
        if (why := _unfit(wanted, offered.get(wanted.payment_service_id)))
    ]
    ids = [s.payment_service_id for s in services]
    if len(set(ids)) != len(ids):
        errors.append(
            FieldError("services", "service_doubled", "同じ決済サービスは1つだけ選んでください。")
        )
    if errors:
        raise Invalid("services-refused", "決済サービスを確かめてください。", errors=errors)


def _unfit(wanted: MatchService, offered: PaymentService | None) -> str:
    if offered is None or offered.state is not ServiceState.REGISTERED:
        return "この決済サービスは、いま提供されていません。"
    if not set(wanted.grant_types) <= set(offered.details.grant_types):
        return "この決済サービスは、選んだ付与の方法に対応していません。"
    return ""


def _refused(field: str, code: str, detail: str) -> Invalid:
    return Invalid(code, detail, errors=[FieldError(field, code.replace("-", "_"), detail)])
