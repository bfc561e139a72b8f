"""Asking for an account: guideline accepted, form, check, sent."""

from typing import Any

from aiohttp import web

from contracts.values import corporate_check_digit, municipality_check_digit
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.shelf import GUIDELINES, shelf
from gateway.portal.visit import Answered, Refused, Visit

pages = Pages()
FIELDS = (
    "organisation_name",
    "organisation_code",
    "department",
    "contact_name",
    "contact_kana",
    "email",
    "phone",
    "accepted",
    "guideline_version",
)
_CRUMBS = (("/", "ホーム"), ("/accounts/new", "アカウント発行の申請"))
_TITLES = {"municipality": "自治体のアカウント発行", "provider": "決済事業者のアカウント発行"}


def _kind(visit: Visit) -> str:
    kind = visit.part("kind")
    if kind not in _TITLES:
        raise Refused(404)
    return kind


@pages.get("/accounts/new/{kind}")
async def blank(visit: Visit) -> web.StreamResponse:
    """The form, empty."""
    return await _form_page(visit, _kind(visit), Form())


@pages.post("/accounts/new/{kind}")
async def again(visit: Visit) -> web.StreamResponse:
    """Back from the check page, with everything kept."""
    return await _form_page(visit, _kind(visit), await visit.form())


@pages.post("/accounts/new/{kind}/check")
async def check(visit: Visit) -> web.StreamResponse:
    """What was typed, to be looked over before it is sent."""
    kind, form = _kind(visit), await visit.form()
    judge(kind, form)
    if form.errors:
        return await _form_page(visit, kind, form)
    found = await _known_body(visit, kind, form["organisation_code"])
    return visit.page(
        "accounts/check.html",
        "申請の内容の確認",
        crumbs=_CRUMBS,
        form=form,
        kind=kind,
        fields=FIELDS,
        found=found,
        document=GUIDELINES[kind],
    )


@pages.post("/accounts/new/{kind}/send")
async def send(visit: Visit) -> web.StreamResponse:
    """Hand the request in; the answer is the same whoever asks."""
    kind, form = _kind(visit), await visit.form()
    body = {"organisation_kind": kind, **form.pick(n for n in FIELDS if n != "accepted")}
    reply = await visit.ask("POST", "identity/account-requests", body=body, key=form.key)
    if reply.status == 422:
        form.take(reply.json())
        return await _form_page(visit, kind, form)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"/accounts/new/{kind}/sent")


@pages.get("/accounts/new/{kind}/sent")
async def sent(visit: Visit) -> web.StreamResponse:
    """Look into your mail."""
    return visit.page("accounts/sent.html", "確認のメールを送りました", kind=_kind(visit))


async def _form_page(visit: Visit, kind: str, form: Form) -> web.Response:
    guideline = await current_guideline(visit, kind)
    form["guideline_version"] = str(guideline["version"])
    return visit.page(
        "accounts/form.html",
        _TITLES[kind],
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        kind=kind,
        guideline=guideline,
        document=GUIDELINES[kind],
    )


async def current_guideline(visit: Visit, kind: str) -> dict[str, Any]:
    """The guideline identity wants accepted now; the shelf's own when identity does not answer."""
    reply = await visit.ask("GET", "identity/guidelines")
    items = reply.json().get("items", []) if reply.ok else []
    ours = GUIDELINES[kind]
    version = next((d.version for d in (await shelf(visit)).documents if d.slug == ours.slug), "")
    known = {"version": version, "title": ours.title, "updated_on": version}
    return next((g for g in items if g["organisation_kind"] == kind), known)


async def _known_body(visit: Visit, kind: str, code: str) -> dict[str, Any]:
    """The municipality of that code, so that a slip shows before it is sent."""
    if kind != "municipality":
        return {}
    reply = await visit.ask("GET", f"registry/municipality-codes/{code}")
    return reply.json() if reply.ok else {}


def judge(kind: str, form: Form) -> None:
    """What can be said at once; identity judges again when the request is handed in."""
    if form["accepted"] != "yes":
        form.wrong("accepted", "要領を読み、同意の欄に印を付けてください")
    label = "給付自治体名" if kind == "municipality" else "決済事業者名"
    form.need("organisation_name", f"{label}を入れてください")
    _judge_code(kind, form)
    form.need("contact_name", "担当者の氏名を入れてください")
    form.kana("contact_kana")
    form.need("contact_kana", "担当者のフリガナを入れてください")
    form.ascii("email")
    form.need("email", "メールアドレスを入れてください")
    if form["email"] and not _looks_like_mail(form["email"]):
        form.wrong("email", "メールアドレスの形を確かめてください。例：name@city.example.lg.jp")
    form.ascii("phone")
    form.need("phone", "電話番号を入れてください")


def _looks_like_mail(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return bool(name and at and "." in host) and " " not in text and text.isascii()


def _judge_code(kind: str, form: Form) -> None:
    code = form.code("organisation_code")
    digits = code.isascii() and code.isdigit()
    if kind == "provider" or len(code) == 13:
        if not (digits and len(code) == 13):
            form.wrong("organisation_code", "法人番号は、数字13けたで入れてください")
        elif corporate_check_digit(code[1:]) != code[0]:
            form.wrong(
                "organisation_code",
                "法人番号の最初の数字が合っていません。国税庁の公表サイトの番号と見比べてください",
            )
    elif not (digits and len(code) == 6):
        form.wrong("organisation_code", "団体コードは、数字6けたで入れてください")
    elif (right := municipality_check_digit(code[:5])) != code[5]:
        form.wrong(
            "organisation_code",
            f"団体コードの最後の数字が合っていません。前の5けたが {code[:5]} なら、最後は {right} です",
        )
