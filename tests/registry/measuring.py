"""Forms of measures that can be handed in as they are, and the way of a measure into public."""

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import JAPAN, now
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.registry.model.fiscal_year import fiscal_year
from tests.registry.asking import Asker, Desk
from tests.rig.asker import Answered

_FORM: dict[str, Any] = {
    "basics": {"purpose": "child_rearing", "entry_type": "point_application"},
    "who": {
        "unit": "child",
        "areas": ["172031"],
        "years_until": "18",
        "years_on": "2023-04-01",
        "statements": ["お子さまと同じ世帯です。"],
    },
    "amount": {
        "grant_type": "fixed",
        "amount_yen": "３，０００円",
        "budget_yen": "54,000,000",
        "quota": "18000",
    },
    "services": [{"code": "nagisa-money", "note": "アプリを新しくしてください。"}],
    "review": {"review_method": "automatic"},
    "texts": {
        "ja": {
            "title": "子育て応援ポイント",
            "summary": "18歳までのお子さまに3,000円分を贈ります。",
        },
        "easy": {
            "title": "こどもの ポイント",
            "summary": "18さい までの こどもは 3000えん もらえます。",
        },
    },
    "documents": {"desks": [{"name": "こども家庭課", "telephone": "0761-00-0000"}]},
}


def day(moment: datetime) -> str:
    """A day as people type it."""
    return moment.astimezone(JAPAN).date().isoformat()


def measure_form(**sections: dict[str, Any]) -> dict[str, Any]:
    """The form of a measure that opens in ten days; ``dates={"allocate_by": ""}`` spoils one field."""
    form = copy.deepcopy(_FORM)
    first, last = now() + timedelta(days=10), now() + timedelta(days=40)
    form["basics"]["fiscal_year"] = str(fiscal_year(first.astimezone(JAPAN).date()))
    form["dates"] = {
        "apply_from_on": day(first),
        "apply_until_on": day(last),
        "allocate_by": day(last + timedelta(days=30)),
        "grant_timing": "申込みの翌営業日",
    }
    for name, fields in sections.items():
        form[name] = {**form[name], **fields} if isinstance(fields, dict) else fields
    return form


def year_of(form: dict[str, Any]) -> int:
    """The fiscal year a form is about."""
    return int(form["basics"]["fiscal_year"])


@dataclass
class Staff:
    """Two of the municipality and one of the secretariat."""

    drafter: Asker
    approver: Asker
    secretariat: Asker

    @classmethod
    def of(cls, desk: Desk, municipality: Asker) -> "Staff":
        """People of a registered municipality."""
        kind, own = OrganisationKind.MUNICIPALITY, municipality.organisation_id
        return cls(
            desk.member(kind, own, Role.EDITOR),
            desk.member(kind, own, Role.APPROVER),
            desk.secretariat(Role.REVIEWER),
        )

    async def begun(self, form: dict[str, Any] | None = None) -> str:
        """A measure with a form typed in; its id."""
        answer = await self.drafter.post("/own-measures", form or measure_form())
        assert answer.status == 201, answer.content
        return str(answer.json["measure_id"])

    async def act(
        self, measure_id: str, act: str, body: Any = None, *, by: Asker | None = None
    ) -> Answered:
        """One act on a measure as it is now."""
        asker = by or (self.approver if act in ("approve", "return") else self.drafter)
        path = f"/own-measures/{measure_id}"
        return await asker.post(f"{path}/{act}", body, etag=await asker.version(path))

    async def confirm(self, measure_id: str, act: str = "confirm", body: Any = None) -> Answered:
        """The secretariat's decision."""
        path = f"/measure-checks/{measure_id}"
        version = await self.secretariat.version(path)
        return await self.secretariat.post(f"{path}/{act}", body, etag=version)

    async def type_in(self, measure_id: str, **sections: Any) -> Answered:
        """Sections of the form are saved."""
        path = f"/own-measures/{measure_id}"
        etag = await self.drafter.version(path)
        return await self.drafter.put(f"{path}/draft", sections, etag=etag)

    async def through(self, measure_id: str) -> Answered:
        """What is under way is handed in, approved and confirmed."""
        for act in ("submit", "approve"):
            answer = await self.act(measure_id, act)
            assert answer.status in (200, 201), answer.content
        answer = await self.confirm(measure_id)
        assert answer.status == 200, answer.content
        return answer

    async def published(self, form: dict[str, Any] | None = None) -> str:
        """A measure everybody may read; its id."""
        measure_id = await self.begun(form)
        await self.through(measure_id)
        return measure_id

    async def seen(self, measure_id: str) -> dict[str, Any]:
        """The measure as its municipality sees it."""
        answer = await self.drafter.get(f"/own-measures/{measure_id}")
        assert answer.status == 200, answer.content
        return dict(answer.json)
