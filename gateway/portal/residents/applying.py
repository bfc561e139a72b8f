"""What is asked of somebody who applies: for whom, what the card cannot say, and nothing else."""

import re
from typing import Any

from gateway.portal.forms import Form
from gateway.portal.residents.kept import kept_in

#: Somebody to apply for: the id, who that is, and in what way one acts.
Person = tuple[str, str, str]
_NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")
_CHILDREN = re.compile(r"[0-9]{1,2}")
_MOST_CHILDREN = 30
#: Where the points go is decided after the approval.
LATER = ("later", "あとで決める", "承認のあと、期限までに決めます")


def people_of(family: dict[str, Any], entry: dict[str, Any]) -> list[Person]:
    """For whom one may apply here: oneself, or a child one is confirmed to act for."""
    own = (family["resident_id"], "ご本人", f"{family['name'] or 'カードの方'} さんの分")
    children = [
        (child["child_id"], f"{child['name']} さん", "お子さまの分。法定代理人として申し込みます")
        for child in family["items"]
        if child["state"] == "confirmed"
    ]
    return children if entry["unit"] == "child" else [own, *children]


def statements_of(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """The sentences one says are true."""
    return [(str(n), text) for n, text in enumerate(entry["eligibility"].get("statements") or [])]


def asks_number(entry: dict[str, Any]) -> bool:
    """Whether the number from the municipality's letter is asked for."""
    return bool(entry["eligibility"].get("target_list"))


def asks_children(entry: dict[str, Any]) -> bool:
    """Whether the amount depends on how many children there are."""
    return bool(entry["amount"].get("steps")) and not asks_number(entry)


def asked_of(form: Form, entry: dict[str, Any], kept: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers as benefits takes them; what is missing is noted in the form."""
    form.need("person_id", "だれの分かをえらんでください")
    body: dict[str, Any] = {
        "statements": [int(one) for one in form.all("statements") if _CHILDREN.fullmatch(one)]
    }
    if asks_number(entry):
        number = form.code("target_number")
        if not _NUMBER.fullmatch(number):
            form.wrong("target_number", "案内にある番号を、数字とアルファベットで入れてください")
        body["target_number"] = number
    if asks_children(entry):
        children = form.code("children")
        if not _CHILDREN.fullmatch(children) or not 1 <= int(children) <= _MOST_CHILDREN:
            form.wrong("children", "人数を数字で入れてください")
        else:
            body["children"] = int(children)
    if kept:
        _receiving(form, body, kept)
    return body


def _receiving(form: Form, body: dict[str, Any], kept: list[dict[str, Any]]) -> None:
    """Where the points go as soon as there are any, if that is to be decided now."""
    chosen = kept_in(form, "receive", kept)
    if chosen is not None:
        body["saved_service_id"] = chosen["id"]
    elif form["receive"] != LATER[0]:
        form.wrong("receive", "受け取り先をえらぶか、「あとで決める」をえらんでください")
