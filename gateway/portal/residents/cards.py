"""Reading a card for exactly one thing, on the page where it is asked for."""

from typing import Any

from gateway.portal.forms import Form
from gateway.portal.visit import Refused, Visit

Answer = dict[str, str]


async def simulated(visit: Visit) -> list[tuple[str, str]]:
    """The cards of invented persons, where the simulator plays the reader: id, and words to choose by."""
    reply = await visit.ask("GET", "identity/card/simulated")
    items = reply.json().get("items", []) if reply.ok else []
    return [(one["card_id"], f"{one['name']}（{one['note']}）") for one in items]


async def answered(visit: Visit, form: Form, purpose: str, target: str = "") -> Answer | None:
    """What the card signed for this purpose and target; None when it did not, and the form says why."""
    form.need("card_id", "カードをえらんでください")
    form.need("pin", "暗証番号を入れてください")
    if form.errors:
        return None
    asked = await visit.ask(
        "POST", "identity/card/challenges", body={"purpose": purpose, "target": target}
    )
    if not asked.ok:
        _taken(form, _checked(asked.status, asked.json()))
        return None
    challenge = asked.json()["challenge_id"]
    body = {"challenge_id": challenge, "card_id": form["card_id"], "pin": form.ascii("pin")}
    read = await visit.ask("POST", "identity/card/simulated/readings", body=body)
    if not read.ok:
        _taken(form, read.json(), "pin")
        return None
    said: dict[str, Any] = read.json()
    return {
        "challenge_id": challenge,
        "certificate": said["certificate"],
        "signature": said["signature"],
    }


async def proof(visit: Visit, form: Form, purpose: str, target: str) -> str | None:
    """A proof by the card of whose session this is; None when there is none, and the form says why."""
    shown = await answered(visit, form, purpose, target)
    if shown is None:
        return None
    reply = await visit.ask("POST", "identity/card/assertions", body=shown)
    if reply.ok:
        return str(reply.json()["proof"])
    problem = _checked(reply.status, reply.json())
    if problem.get("code") == "card-other-person" and visit.person.desk_id:
        # Identity has ended the desk session: somebody else's card lies there.
        raise Refused(401)
    _taken(form, problem)
    return None


def _checked(status: int, problem: dict[str, Any]) -> dict[str, Any]:
    if status == 401:
        raise Refused(401)
    return problem


def _taken(form: Form, problem: dict[str, Any], field: str = "card_id") -> None:
    known = {"card-pin": "pin", "card-locked": "pin"}
    detail = str(problem.get("detail") or "もう一度読み取ってください。")
    form.wrong(known.get(str(problem.get("code")), field), detail)


def again(problem: dict[str, Any]) -> bool:
    """Whether this very form was handed in before, by an earlier reading of the card: what it asked for is done."""
    return problem.get("code") == "idempotency-key-reused"


def take(form: Form, status: int, problem: dict[str, Any]) -> bool:
    """Note in the form why a service did not do it; False where only an error page can tell."""
    if status == 401:
        raise Refused(401)
    if status not in (403, 404, 409, 410, 412, 422):
        return False
    form.take(problem)
    return True
