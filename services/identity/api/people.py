"""The people of the own organisation."""

from uuid import UUID

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Ask, Routes
from contracts.principal import Role
from services.identity.api.desk import PREFIX, TAG, office
from services.identity.api.views.members import (
    ChangeMemberBody,
    InviteBody,
    MembersView,
    MemberView,
)
from services.identity.commands import people
from services.identity.model.members import ASSIGNABLE
from services.identity.store import accounts, visitors

routes = Routes(PREFIX, tag=TAG)

_ADMIN = {Role.ADMIN}


async def people_of(conn: Connection, account_id: UUID) -> list[MemberView]:
    """The people of an organisation, as they are shown."""
    rows = await visitors.people(conn, account_id)
    order = list(Role)
    return [
        MemberView(
            **{**dict(row), "roles": sorted((Role(r) for r in row["roles"]), key=order.index)}
        )
        for row in rows
    ]


async def _one(conn: Connection, account_id: UUID, member_id: UUID) -> MemberView:
    for view in await people_of(conn, account_id):
        if view.member_id == member_id:
            return view
    raise NotFound("no-such-member", "この方は見つかりません。")


@routes.get("/members", roles=frozenset(Role))
async def members(ask: Ask, conn: Connection) -> MembersView:
    """Everybody of the own organisation."""
    account = await accounts.account(conn, ask.organisation_id)
    return MembersView(
        items=await people_of(conn, ask.organisation_id),
        assignable_roles=list(ASSIGNABLE[account.organisation_kind]) if account else [],
    )


@routes.post("/members", roles=_ADMIN, status=201)
async def invite_member(ask: Ask, conn: Connection, body: InviteBody) -> MemberView:
    """Invite a person by mail."""
    member = await people.invite(
        conn,
        office(ask),
        ask.organisation_id,
        name=body.name,
        email=body.email,
        roles=body.roles,
        now=ask.now,
    )
    return await _one(conn, ask.organisation_id, member.id)


@routes.patch("/members/{member_id}", roles=_ADMIN)
async def change_member(
    ask: Ask, conn: Connection, member_id: UUID, body: ChangeMemberBody
) -> MemberView:
    """Give a member other roles."""
    await people.change_roles(conn, ask.organisation_id, member_id, body.roles, now=ask.now)
    return await _one(conn, ask.organisation_id, member_id)


@routes.delete("/members/{member_id}", roles=_ADMIN)
async def remove_member(ask: Ask, conn: Connection, member_id: UUID) -> None:
    """Take a person out of the organisation."""
    await people.remove(conn, ask.organisation_id, member_id, now=ask.now)


@routes.post("/members/{member_id}/resend", roles=_ADMIN)
async def resend_invitation(ask: Ask, conn: Connection, member_id: UUID) -> MemberView:
    """Mail somebody invited a fresh link."""
    await people.resend(conn, office(ask), ask.organisation_id, member_id, now=ask.now)
    return await _one(conn, ask.organisation_id, member_id)


@routes.post("/members/{member_id}/second-factor/reset", roles=_ADMIN)
async def reset_second_factor(ask: Ask, conn: Connection, member_id: UUID) -> MemberView:
    """Take the second factor off a colleague who lost the device."""
    await people.take_factor_off(conn, office(ask), ask.organisation_id, member_id, now=ask.now)
    return await _one(conn, ask.organisation_id, member_id)
