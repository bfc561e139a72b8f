"""Somebody applies to a measure: judged at once, reserved at once, reviewed where the measure says so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict
from contracts.benefits import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationSubmitted,
)
from contracts.proof import Proof, ProvenPerson
from contracts.values import OnExhaustion
from services.benefits.commands import claiming, entitlements, reserving
from services.benefits.commands.saying import about
from services.benefits.model.application import Application, State, first_state, reference_of
from services.benefits.model.eligibility import Claim, OnList, Reason, Verdict, amount_of, judge
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.ledger import Transfer
from services.benefits.model.measure import Measure
from services.benefits.store import proofs, submissions
from services.benefits.store.applicants import Applicant
from services.benefits.store.applications import Event
from services.benefits.store.submissions import Submission


@dataclass(frozen=True, slots=True)
class Form:
    """What the applicant says beside the card."""

    statements: tuple[int, ...] = ()
    target_number: str | None = None
    children: int | None = None
    saved_service_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Applying:
    """An application on its way in."""

    application: Application
    proof: Proof
    person: ProvenPerson
    claim: Claim
    verdict: Verdict
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application that was taken in, and all that came of it at once."""

    application: Application
    measure: Measure
    issued: Entitlement | None
    events: Sequence[Event]


async def submit(
    conn: Connection,
    measure_id: UUID,
    proof: Proof,
    form: Form,
    *,
    tag: claiming.Tag,
    actor: str,
    now: datetime,
) -> Submitted:
    """Take an application in; the moment of handing in counts for deadlines and for the line."""
    keys = claiming.unit_keys(proof.person, tag) if proof.person else {}
    measure, used = await submissions.measure_and_turns(conn, measure_id, set(keys.values()))
    measure.take_applications(now)
    person = claiming.proven(proof, measure_id, now)
    target = await claiming.target(conn, measure, form.target_number)
    await claiming.saved(conn, proof.resident_id, form.saved_service_id)
    applying = _judged(measure, proof, person, form, target, actor, now)
    unit_key = keys[measure.entry.unit]
    turn = claiming.turn(measure, unit_key, used)
    ref = tag(f"resident/{measure.municipality_id}/{person.person_id}").hex()[:16]
    made = replace(applying.application, unit_key=unit_key, turn=turn, resident_ref=f"R-{ref}")
    return await _taken_in(conn, measure, replace(applying, application=made))


async def _taken_in(conn: Connection, measure: Measure, applying: Applying) -> Submitted:
    made, transfer = applying.application, None
    if made.state is not State.REJECTED:
        decided = made.state is State.APPROVED
        held = await reserving.place(conn, made, measure, decided=decided, actor=applying.actor)
        made, transfer = held or (_left_over(made, measure), None)
    new = _submission(made, measure, applying, transfer)
    try:
        await submissions.add_submission(conn, new)
    except UniqueViolation as why:
        raise (proofs.used() if proofs.tells(why) else claiming.duplicate()) from None
    _say(conn, new, measure)
    return Submitted(made, measure, new.issued, new.events)


def _left_over(application: Application, measure: Measure) -> Application:
    """No place is left: the next in line where the measure keeps one, else refused."""
    if measure.entry.on_exhaustion is OnExhaustion.WAITLIST:
        return replace(application, state=State.WAITING, answer_by=None, revision=1)
    raise Conflict(
        "quota-reached",
        "さきほど定員または予算に達しました。ほかの施策をさがしてみてください。",
    )


def _submission(
    made: Application, measure: Measure, applying: Applying, transfer: Transfer | None
) -> Submission:
    """All that is to be kept of it."""
    person, issued = applying.person, None
    if made.state is State.APPROVED and transfer is not None:
        issued = entitlements.issued(made, measure, transfer.id, applying.now)
    return Submission(
        made,
        Applicant(
            name=person.name,
            name_kana=person.name_kana,
            birth_on=person.birth_on,
            sex=person.sex,
            municipality_code=person.municipality_code,
            address=person.address,
        ),
        applying.claim,
        _steps(made, applying),
        applying.proof,
        transfer,
        issued,
    )


def _steps(made: Application, applying: Applying) -> list[Event]:
    steps = [Event(1, "submit", applying.now, applying.actor, version=made.version)]
    if made.revision == 2:
        act = "approve" if made.state is State.APPROVED else "reject"
        steps.append(Event(2, act, applying.now, "service/benefits", version=made.version))
    told = replace(steps[-1], findings=applying.verdict.findings, reason=made.reason)
    return [*steps[:-1], told]


def _say(conn: Connection, new: Submission, measure: Measure) -> None:
    made = new.application
    said = about(made, measure)
    decided = made.revision == 2
    publish(
        conn,
        ApplicationSubmitted(
            **said | {"revision": 1},
            state="decided" if decided else made.state,
            amount_yen=made.amount,
        ),
    )
    if made.state is State.REJECTED:
        publish(conn, ApplicationRejected(**said, reason=made.reason or Reason.OTHER))
    elif new.issued is not None:
        publish(conn, ApplicationApproved(**said, amount_yen=made.amount))
        entitlements.say_issued(conn, new.issued, measure)


def _judged(
    measure: Measure,
    proof: Proof,
    person: ProvenPerson,
    form: Form,
    target: OnList | None,
    actor: str,
    now: datetime,
) -> Applying:
    claim = Claim(
        municipality_code=person.municipality_code,
        birth_on=person.birth_on,
        target=target,
        children=form.children,
        statements=frozenset(form.statements),
    )
    verdict = judge(measure.entry, claim, day_of(now))
    state = first_state(verdict)
    application_id = new_id()
    made = Application(
        id=application_id,
        reference=reference_of(application_id),
        measure_id=measure.id,
        version=measure.entry.version,
        resident_id=proof.resident_id,
        person_id=person.person_id,
        unit_key="",
        turn=1,
        resident_ref="",
        proof_id=proof.proof_id,
        state=state,
        state_since=now,
        reason=verdict.reason if state is State.REJECTED else None,
        amount=max(amount_of(measure.entry.amount, claim), 1),
        target_number=form.target_number,
        children=form.children,
        saved_service_id=form.saved_service_id,
        statements=form.statements,
        submitted_at=now,
        answer_by=measure.attend_by() if state is State.AWAITING_PARTICIPATION else None,
        revision=2 if state in (State.APPROVED, State.REJECTED) else 1,
    )
    return Applying(made, proof, person, claim, verdict, actor, now)
