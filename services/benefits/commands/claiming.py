"""What an applicant brings, looked at before anything is kept."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Conflict, FieldError, Forbidden, Invalid
from contracts.proof import Proof, ProvenPerson, Purpose, apply_target
from contracts.values import EntitlementUnit
from services.benefits.model.eligibility import OnList
from services.benefits.model.measure import Measure
from services.benefits.store import measures, partners

#: A keyed hash only benefits can make: names of people for one reader alone.
Tag = Callable[[str], bytes]


def proven(proof: Proof, measure_id: UUID, now: datetime) -> ProvenPerson:
    """The person, if the reading of the card was for exactly this application."""
    person = proof.person
    if person is None or not proof.covers(
        Purpose.APPLY, apply_target(measure_id, person.person_id), now
    ):
        raise Forbidden(
            "proof-unfit",
            "このカードの読み取りは、この申込みには使えません。もう一度カードを読み取ってください。",
        )
    return person


async def target(conn: Connection, measure: Measure, number: str | None) -> OnList | None:
    """The line of the target list that was named."""
    if number is None:
        return None
    if not measure.entry.eligibility.target_list:
        detail = "この施策では、対象者番号は使いません。空にしてください。"
        raise Invalid(
            "application-invalid",
            detail,
            errors=[FieldError("target_number", "target_number_not_used", detail)],
        )
    return await measures.on_list(conn, measure.id, number)


async def saved(conn: Connection, resident_id: UUID, saved_service_id: UUID | None) -> None:
    """Refuse a payment service the resident does not keep."""
    if saved_service_id and not await partners.keeps(conn, saved_service_id, resident_id):
        detail = "この受け取り先は登録されていません。選び直すか、あとで決めてください。"
        raise Invalid(
            "application-invalid",
            detail,
            errors=[FieldError("saved_service_id", "saved_service_unknown", detail)],
        )


def unit_keys(person: ProvenPerson, tag: Tag) -> dict[EntitlementUnit, str]:
    """As whom a measure may count somebody; a household only by a hash nobody else can make."""
    place = "".join(person.address.split())
    household = tag(f"household/{person.municipality_code}/{place}").hex()
    own = f"person/{person.person_id}"
    return {
        EntitlementUnit.PERSON: own,
        EntitlementUnit.CHILD: own,
        EntitlementUnit.HOUSEHOLD: f"household/{household[:32]}",
    }


def turn(measure: Measure, unit_key: str, used: Collection[tuple[str, int]]) -> int:
    """Which of its turns the person, child or household takes now."""
    free = set(range(1, measure.entry.times + 1)) - {turn for key, turn in used if key == unit_key}
    if not free:
        raise duplicate()
    return min(free)


def duplicate() -> Conflict:
    """Somebody applied for this person, child or household before."""
    return Conflict(
        "application-duplicate",
        "この施策には、もう申し込まれています。マイページで状況を確かめてください。",
    )
