"""The people of an organisation: who may do what, inviting, removing."""

from aiohttp import web

from gateway.portal.asking import Reply
from gateway.portal.doors import ADMIN, ANY_DOOR, BEHIND, settings_of
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(BEHIND)


@pages.get(f"{ANY_DOOR}/members")
async def members(visit: Visit) -> web.StreamResponse:
    """Everybody of the organisation."""
    found = await visit.get("identity/members")
    return visit.page(
        "organisation/members.html",
        "利用者",
        crumbs=_crumbs(visit),
        members=found["items"],
        may_change=visit.has("admin"),
        tabs=settings_of(visit.door),
    )


@pages.get(f"{ANY_DOOR}/members/invite", roles=ADMIN)
async def invite(visit: Visit) -> web.StreamResponse:
    """The form to invite somebody."""
    return await _invite_page(visit, Form())


@pages.post(f"{ANY_DOOR}/members/invite", roles=ADMIN)
async def invited(visit: Visit) -> web.StreamResponse:
    """A link is mailed to somebody."""
    form = await visit.form()
    form.need("name", "お名前を入れてください")
    form.need("email", "メールアドレスを入れてください")
    form.need("roles", "役割を1つ以上選んでください")
    if not form.errors:
        body = {"name": form["name"], "email": form.ascii("email"), "roles": form.all("roles")}
        reply = await visit.ask("POST", "identity/members", body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{visit.door.home}/members?done=invited")
        _mend_or_stop(form, reply)
    return await _invite_page(visit, form)


@pages.get(ANY_DOOR + "/members/{member_id}", roles=ADMIN)
async def member(visit: Visit) -> web.StreamResponse:
    """One person: roles, a new invitation, removal."""
    return await _member_page(visit, None)


@pages.post(ANY_DOOR + "/members/{member_id}", roles=ADMIN)
async def change(visit: Visit) -> web.StreamResponse:
    """Other roles from now on."""
    form = await visit.form()
    form.need("roles", "役割を1つ以上選んでください")
    if not form.errors:
        path = f"identity/members/{visit.part('member_id')}"
        reply = await visit.ask("PATCH", path, body={"roles": form.all("roles")}, key=form.key)
        if reply.ok:
            return visit.go(f"{visit.door.home}/members?done=changed")
        _mend_or_stop(form, reply)
    return await _member_page(visit, form)


@pages.post(ANY_DOOR + "/members/{member_id}/{act:remove|resend|reset-factor}", roles=ADMIN)
async def act(visit: Visit) -> web.StreamResponse:
    """Remove somebody, mail the invitation again, or take a lost second factor off."""
    form = await visit.form()
    path = f"identity/members/{visit.part('member_id')}"
    if visit.part("act") == "remove":
        reply = await visit.ask("DELETE", path, key=form.key)
        done = "removed"
    elif visit.part("act") == "resend":
        reply = await visit.ask("POST", f"{path}/resend", body={}, key=form.key)
        done = "invited"
    else:
        reply = await visit.ask("POST", f"{path}/second-factor/reset", body={}, key=form.key)
        done = "changed"
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{visit.door.home}/members?done={done}")


def _mend_or_stop(form: Form, reply: Reply) -> None:
    if reply.status not in (409, 422):
        raise Answered(reply)
    form.take(reply.json())


def _crumbs(visit: Visit) -> tuple[tuple[str, str], ...]:
    return ((visit.door.home, "仕事の一覧"),)


async def _invite_page(visit: Visit, form: Form) -> web.Response:
    found = await visit.get("identity/members")
    return visit.page(
        "organisation/invite.html",
        "利用者を招待する",
        status=422 if form.errors else 200,
        crumbs=(*_crumbs(visit), (f"{visit.door.home}/members", "利用者")),
        form=form,
        assignable=found["assignable_roles"],
    )


async def _member_page(visit: Visit, form: Form | None) -> web.Response:
    found = await visit.get("identity/members")
    wanted = visit.part("member_id")
    person = next((m for m in found["items"] if m["member_id"] == wanted), None)
    if person is None:
        raise Answered(Reply(404))
    form = form or Form.of({"roles": person["roles"]})
    return visit.page(
        "organisation/member.html",
        f"{person['name']} さんの設定",
        status=422 if form.errors else 200,
        crumbs=(*_crumbs(visit), (f"{visit.door.home}/members", "利用者")),
        form=form,
        person=person,
        assignable=found["assignable_roles"],
    )
