"""What people do at the portal, step by step, as the seed tells it: over HTTP and by mail alone."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.rig.authenticator import next_code
from tests.rig.mailbox import Mail, Mailbox
from tests.rig.paperwork import PDF, Applicant, sections
from tests.rig.stack import Stack
from tests.rig.visitor import Answer, Visitor
from tests.rig.waiting import eventually

IDENTITY, REGISTRY = "/api/v1/identity", "/api/v1/registry"
NOTIFICATIONS = "/api/v1/notifications"
CONFIRM_MAIL, ISSUED_MAIL = "メールアドレスの確認", "アカウントIDのお知らせ"
#: How long facts may take from one service to the next when everything is up.
SOON = 60


@dataclass(frozen=True, slots=True)
class Story:
    """A portal, its mail, and how long people try again while a part of it is away."""

    stack: Stack
    http: aiohttp.ClientSession
    patience: float = 0

    def visitor(self) -> Visitor:
        """Somebody nobody knows yet."""
        return Visitor(self.stack.url, self.http, self.patience)

    @property
    def mailbox(self) -> Mailbox:
        """Everybody's mail."""
        return Mailbox(self.stack.mail_url, self.http)

    def patient(self, seconds: float) -> "Story":
        """The same portal, visited by people who try again for ``seconds``."""
        return replace(self, patience=seconds)

    @property
    def _soon(self) -> float:
        return SOON + self.patience

    async def guideline(self, kind: str) -> str:
        """Step 1: the version of the guideline that is to be read and accepted now."""
        answer = (await self.visitor().get(f"{IDENTITY}/guidelines")).expect(200)
        found = [g for g in answer.body["items"] if g["organisation_kind"] == kind]
        return str(found[0]["version"])

    async def request_account(self, applicant: Applicant) -> None:
        """Steps 2 and 3: the button, and the form."""
        form = applicant.request(await self.guideline(applicant.kind))
        answer = await self.visitor().post(f"{IDENTITY}/account-requests", form)
        answer.expect(202)
        applicant.acknowledged.append("requested")

    async def confirm(self, applicant: Applicant) -> str:
        """Steps 4 to 6: the mail, its link, the account ID; the token that sets the password."""
        mail = await self._confirm_mail(applicant)
        while True:
            body = {"token": mail.token}
            answer = await self.visitor().post(f"{IDENTITY}/account-requests/confirm", body)
            if answer.status != 410 or not self.patience:
                break
            if answer.code == "link-used":
                # It was confirmed and the answer got lost: the mailed account ID is for this.
                return await self._from_the_issued_mail(applicant)
            # The form was sent again because its first answer got lost; a newer link counts.
            mail = await self.mailbox.next(
                applicant.email, CONFIRM_MAIL, after=mail.id, within=self._soon
            )
        applicant.sign_in_id = answer.expect(200).body["sign_in_id"]
        applicant.acknowledged.append("issued")
        return str(answer.body["password_token"])

    async def _confirm_mail(self, applicant: Applicant) -> Mail:
        """The mail with the link; who has patience asks once more when none comes.

        A mail whose carrier died while handing it over is not sent again: nobody knows whether it arrived.
        """
        if self.patience:
            try:
                return await self.mailbox.next(applicant.email, CONFIRM_MAIL, within=SOON)
            except AssertionError:
                await self.request_account(applicant)
        return await self.mailbox.next(applicant.email, CONFIRM_MAIL, within=self._soon)

    async def _from_the_issued_mail(self, applicant: Applicant) -> str:
        mail = await self.mailbox.next(applicant.email, ISSUED_MAIL, within=self._soon)
        look = await self.visitor().post(f"{IDENTITY}/links/look", {"token": mail.token})
        applicant.sign_in_id = look.expect(200).body["sign_in_id"]
        applicant.acknowledged.append("issued")
        return mail.token

    async def _newer_issued_mail(self, applicant: Applicant, replaced: str) -> Mail:
        """The last mail with a link to set the password, once there is one after the replaced one."""

        async def come() -> Mail | None:
            mails = await self.mailbox.mails(applicant.email)
            issued = [mail for mail in mails if ISSUED_MAIL in mail.subject]
            return issued[-1] if issued and issued[-1].token != replaced else None

        found: Mail | None = await eventually(come, within=self._soon)
        assert found
        return found

    async def set_password(self, applicant: Applicant, token: str) -> None:
        """Step 6: a password nobody else ever saw."""
        body = {"token": token, "password": applicant.password}
        answer = await self.visitor().post(f"{IDENTITY}/passwords", body)
        if answer.code == "link-replaced" and self.patience:
            # Whoever asked once more while the first mail was under way got a newer link for it.
            newer = await self._newer_issued_mail(applicant, token)
            await self.set_password(applicant, newer.token)
            return
        if answer.code != "link-used" or not self.patience:
            assert answer.expect(200).body["sign_in_id"] == applicant.sign_in_id
        applicant.acknowledged.append("password")

    async def sign_in(self, applicant: Applicant) -> Visitor:
        """Step 7: a browser in which the applicant is signed in."""
        visitor = self.visitor()
        await sign_in(visitor, applicant.sign_in_id, applicant.password)
        me = (await visitor.get(f"{IDENTITY}/me")).expect(200).body
        applicant.organisation_id = me["organisation"]["organisation_id"]
        applicant.acknowledged.append("signed_in")
        return visitor

    async def get_account(self, applicant: Applicant) -> Visitor:
        """All eight steps, up to the registration documents."""
        await self.request_account(applicant)
        await self.set_password(applicant, await self.confirm(applicant))
        visitor = await self.sign_in(applicant)
        await self.registration(visitor)
        return visitor

    async def registration(self, visitor: Visitor) -> Answer:
        """Step 8: the own registration, once the registry has heard of the account."""

        async def there() -> Answer | None:
            answer = await visitor.get(f"{REGISTRY}/registration")
            return answer if answer.status == 200 else None

        found: Answer | None = await eventually(there, within=self._soon)
        assert found
        return found

    async def fill_in(self, applicant: Applicant, visitor: Visitor, **instead: Any) -> Answer:
        """The whole form saved as a draft; ``instead`` replaces sections."""
        form = {**sections(applicant, await self.guideline(applicant.kind)), **instead}
        seen = await self.registration(visitor)
        answer = await visitor.put(f"{REGISTRY}/registration/draft", form, if_match=seen.etag)
        return answer.expect(200)

    async def add_documents(self, applicant: Applicant, visitor: Visitor) -> None:
        """Every document the form asks for."""
        slots = ["application_form", *(["fund_protection"] if applicant.kind == "provider" else [])]
        for slot in slots:
            (await add_document(visitor, slot)).expect(201)

    async def submit(self, applicant: Applicant, visitor: Visitor) -> Answer:
        """The registration handed in."""
        seen = await self.registration(visitor)
        answer = await visitor.post(f"{REGISTRY}/registration/submit", if_match=seen.etag)
        answer.expect(200, 201)
        applicant.acknowledged.append("submitted")
        return answer

    async def apply(self, applicant: Applicant, visitor: Visitor) -> Answer:
        """Form, documents, submission."""
        await self.fill_in(applicant, visitor)
        await self.add_documents(applicant, visitor)
        return await self.submit(applicant, visitor)

    async def decide(
        self, desk: Visitor, applicant: Applicant, act: str, body: object = None
    ) -> Answer:
        """An act of the secretariat on a registration, on the version it sees."""
        path = f"{REGISTRY}/registrations/{applicant.organisation_id}"
        seen = (await desk.get(path)).expect(200)
        answer = await desk.post(f"{path}/{act}", body, if_match=seen.etag)
        applicant.acknowledged.append(act)
        return answer.expect(200, 201)

    async def approve(self, desk: Visitor, applicant: Applicant, today: date) -> None:
        """Taken up, looked through, registered from today on."""
        await self.decide(desk, applicant, "take")
        await self.documents_checked(desk, applicant)
        body = {"effective_on": today.isoformat(), "message": "登録しました。"}
        await self.decide(desk, applicant, "approve", body)

    async def documents_checked(self, desk: Visitor, applicant: Applicant) -> None:
        """Return when every document was looked through."""

        async def checked() -> bool:
            path = f"{REGISTRY}/registrations/{applicant.organisation_id}"
            seen = (await desk.get(path)).expect(200).body
            files = [slot["document"] for slot in seen["documents"] if slot["document"]]
            assert all(file["state"] != "refused" for file in files), files
            return bool(files) and all(file["state"] == "checked" for file in files)

        looked_through: bool = await eventually(checked, within=self._soon)
        assert looked_through

    async def send_back(
        self, desk: Visitor, applicant: Applicant, today: date, field: str, remark: str
    ) -> None:
        """Taken up and returned with a remark at a field."""
        await self.decide(desk, applicant, "take")
        body = {
            "message": "フリガナを確かめてください。",
            "reason": "フリガナの誤り",
            "remarks": [{"field": field, "detail": remark}],
            "correct_by": (today + timedelta(days=14)).isoformat(),
        }
        await self.decide(desk, applicant, "return", body)

    async def listed(self, applicant: Applicant, **query: object) -> dict[str, Any] | None:
        """The applicant's line in the public list."""
        name = "municipalities" if applicant.kind == "municipality" else "providers"
        answer = await self.visitor().get(f"{REGISTRY}/{name}", q=applicant.code, **query)
        items = answer.expect(200).body["items"]
        field = "code" if applicant.kind == "municipality" else "number"
        found = [item for item in items if item[field] == applicant.code]
        assert len(found) <= 1, found
        return found[0] if found else None

    async def comes_into_the_list(self, applicant: Applicant) -> dict[str, Any]:
        """The applicant's line, once those who keep copies of the list have heard of it."""

        async def there() -> dict[str, Any] | None:
            return await self.listed(applicant)

        found: dict[str, Any] | None = await eventually(there, within=self._soon)
        assert found
        return found

    async def feed(self, after: int = 0) -> list[dict[str, Any]]:
        """Every entry of the public feed after a position."""
        found: list[dict[str, Any]] = []
        while True:
            page = (await self.visitor().get(f"{REGISTRY}/changes", after=after, limit=500)).expect(
                200
            )
            found += page.body["entries"]
            after = page.body["next"]
            if not page.body["entries"]:
                return found


async def sign_in(visitor: Visitor, sign_in_id: str, password: str) -> Answer:
    """Open a session in this browser."""
    body = {"sign_in_id": sign_in_id, "password": password}
    answer = await visitor.post("/api/v1/sessions", body)
    return answer.expect(201)


async def pass_second_factor(visitor: Visitor, secret: str) -> None:
    """Give the code of the authenticator app."""
    body = {"code": await next_code(secret)}
    (await visitor.post("/api/v1/sessions/second-factor", body)).expect(201)


async def add_document(
    visitor: Visitor, slot: str, content: bytes = PDF, kind: str = "application/pdf"
) -> Answer:
    """Hand in one file."""
    path = f"{REGISTRY}/registration/documents?{urlencode({'slot': slot, 'name': '書類.pdf'})}"
    return await visitor.ask("POST", path, raw=content, headers={"Content-Type": kind})
