"""The form of a contract at the municipality's desk: written, and written otherwise before it goes out."""

from typing import Any

from aiohttp import web

from gateway.portal.doors import EDITORS
from gateway.portal.forms import Form, date_fields
from gateway.portal.match_forms import (
    contract_fields,
    known_contract,
    names_of_contract,
    refuse_stale_words,
)
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(frozenset({"municipality"}))
_ID = "[0-9a-f-]{36}"
_WRITE = f"/municipality/matches/{{match_id:{_ID}}}/contract"
_EDIT = f"/municipality/contracts/{{contract_id:{_ID}}}/edit"


@pages.get(_WRITE)
async def form(visit: Visit) -> web.StreamResponse:
    """The form of a contract, filled with what is known: of the last one, where one came back."""
    found = await visit.get(f"registry/own-matches/{visit.part('match_id')}")
    year = found["fiscal_year"]
    known = {
        **date_fields("valid_from", f"{year}-04-01"),
        **date_fields("valid_until", f"{year + 1}-03-31"),
        "municipality_organisation": found["municipality"]["name"][:64],
        "provider_organisation": found["provider"]["name"][:64],
    }
    if found["contracts"]:
        last = found["contracts"][0]["id"]
        known |= known_contract(await visit.get(f"registry/contracts/{last}"))
    return _page(visit, _sides_of(found), Form.of(known | {"version": found["version"]}))


@pages.post(_WRITE, roles=EDITORS)
async def write(visit: Visit) -> web.StreamResponse:
    """The contract is written; it goes out with the next press."""
    found = await visit.get(f"registry/own-matches/{visit.part('match_id')}")
    typed = await visit.form()
    body = contract_fields(typed)
    if not typed.errors:
        path = f"registry/own-matches/{found['id']}/contract"
        done = await _sent(visit, "POST", path, typed, body, "written")
        if done is not None:
            return done
    return _page(visit, _sides_of(found), typed)


@pages.get(_EDIT)
async def known(visit: Visit) -> web.StreamResponse:
    """The form of a contract that is being prepared, with what stands in it."""
    found = await _found(visit)
    if "edit" not in found["acts"]:
        return visit.go(f"/municipality/contracts/{found['id']}")
    filled = Form.of(known_contract(found) | {"version": found["version"]})
    return _page(visit, _sides_of(found), filled, contract_id=found["id"])


@pages.post(_EDIT, roles=EDITORS)
async def edit(visit: Visit) -> web.StreamResponse:
    """It is written otherwise; whoever saved in between is not overwritten."""
    found, typed = await _found(visit), await visit.form()
    body = contract_fields(typed)
    body["signers"] += [_signer(s) for s in found["signers"] if s["side"] == "secretariat"]
    refuse_stale_words(typed, body, found)
    if not typed.errors:
        path = f"registry/contracts/{found['id']}"
        done = await _sent(visit, "PUT", path, typed, body, "edited")
        if done is not None:
            return done
    return _page(visit, _sides_of(found), typed, contract_id=found["id"])


async def _sent(
    visit: Visit, method: str, path: str, typed: Form, body: dict[str, Any], done: str
) -> web.Response | None:
    """On to the contract; None if something has to be mended first."""
    version = {"If-Match": f'"{typed["version"]}"'}
    reply = await visit.ask(method, path, body=body, key=typed.key, headers=version)
    if reply.ok:
        return visit.go(f"/municipality/contracts/{reply.json()['id']}?done={done}")
    if reply.status != 422:
        raise Answered(reply)
    typed.take(reply.json(), names_of_contract(typed))
    return None


async def _found(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(f"registry/contracts/{visit.part('contract_id')}")
    return found


def _signer(found: dict[str, Any]) -> dict[str, str]:
    return {field: found[field] for field in ("side", "name", "organisation", "mail")}


def _sides_of(found: dict[str, Any]) -> dict[str, str]:
    """The match and the names of both sides, out of a match or a contract."""
    if "match_id" in found:
        return {
            "match_id": found["match_id"],
            "ours": found["municipality_name"],
            "theirs": found["provider_name"],
            "reference": found["reference"],
        }
    ours, theirs = found["municipality"]["name"], found["provider"]["name"]
    return {"match_id": found["id"], "ours": ours, "theirs": theirs}


def _page(
    visit: Visit, sides: dict[str, str], typed: Form, *, contract_id: str = ""
) -> web.Response:
    home = visit.door.home
    match = (f"{home}/matches/{sides['match_id']}", "マッチング")
    one = ((f"{home}/contracts/{contract_id}", "契約"),) if contract_id else ()
    return visit.page(
        "matches/contract_form.html",
        f"契約書をなおす（{sides['reference']}）" if contract_id else "契約書をつくる",
        status=422 if typed.errors else 200,
        crumbs=((home, "仕事の一覧"), match, *one),
        form=typed,
        sides=sides,
        label="変更を保存する" if contract_id else "契約書をつくる",
        here=visit.path,
    )
