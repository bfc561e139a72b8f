"""What follows from what the mail server said, or did not say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.refusal import Conflict, Gone
from services.notifications.model.delivery import Delivery, Outcome, Reason, State

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
WAITING = Delivery(
    delivery_id=UUID(int=1),
    letter_id=UUID(int=2),
    contact_id=None,
    name="佐藤 花子",
    address="hanako@aoba.example",
    state=State.WAITING,
    queued_at=AT,
    send_by=AT + timedelta(hours=24),
    due_at=AT,
)
SENDING = WAITING.claimed()


def test_a_mail_that_was_taken_is_sent() -> None:
    after = SENDING.after(Outcome.ACCEPTED, "250 taken", AT)
    assert (after.state, after.finished_at, after.due_at) == (State.SENT, AT, None)


def test_a_mail_refused_for_good_has_failed() -> None:
    after = SENDING.after(Outcome.REFUSED, "550", AT)
    assert (after.state, after.reason) == (State.FAILED, Reason.REFUSED)


def test_a_mail_that_was_not_sent_is_tried_again_after_growing_pauses() -> None:
    mail, pauses = WAITING, []
    for _ in range(6):
        mail = mail.claimed().after(Outcome.NOT_SENT, "451", AT)
        assert mail.due_at is not None
        pauses.append(mail.due_at - AT)
    assert pauses == sorted(set(pauses))
    for _ in range(5):
        mail = mail.claimed().after(Outcome.NOT_SENT, "451", AT)
    assert mail.due_at == AT + timedelta(hours=1)


def test_a_mail_is_not_tried_beyond_its_time() -> None:
    after = SENDING.after(Outcome.NOT_SENT, "451", WAITING.send_by)
    assert (after.state, after.reason) == (State.FAILED, Reason.LATE)


def test_nobody_sends_a_mail_of_unknown_fate_again_by_itself() -> None:
    after = SENDING.after(Outcome.UNKNOWN, "lost", AT)
    assert (after.state, after.due_at) == (State.UNKNOWN, None)


def test_an_answer_that_comes_late_settles_an_unknown_mail() -> None:
    unknown = SENDING.after(Outcome.UNKNOWN, "", AT)
    assert unknown.awaits(1)
    assert unknown.after(Outcome.ACCEPTED, "250", AT).state is State.SENT


def test_the_end_of_an_older_try_is_of_no_interest() -> None:
    assert not SENDING.after(Outcome.NOT_SENT, "451", AT).claimed().awaits(1)


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.REFUSED])
def test_a_person_may_have_a_mail_sent_again(outcome: Outcome) -> None:
    again = SENDING.after(outcome, "", AT).asked_again("member/1", AT, None)
    assert (again.state, again.due_at, again.asked_by) == (State.WAITING, AT, "member/1")
    assert (again.reason, again.finished_at) == (None, None)


@pytest.mark.parametrize("state", [State.WAITING, State.SENDING, State.SENT])
def test_a_mail_that_is_well_is_not_sent_again(state: State) -> None:
    with pytest.raises(Conflict):
        replace(WAITING, state=state).asked_again("member/1", AT, None)


def test_a_dead_link_is_not_sent_again() -> None:
    failed = SENDING.after(Outcome.REFUSED, "", AT)
    with pytest.raises(Gone):
        failed.asked_again("member/1", AT, AT)
    with pytest.raises(Gone):
        replace(failed, address=None).asked_again("member/1", AT, None)
    assert failed.asked_again("member/1", AT, AT + timedelta(hours=1)).send_by == AT + timedelta(
        hours=1
    )


def test_only_a_mail_of_unknown_fate_can_be_noted_as_arrived() -> None:
    unknown = SENDING.after(Outcome.UNKNOWN, "", AT)
    assert unknown.known_to_have_arrived(AT).state is State.SENT
    with pytest.raises(Conflict):
        SENDING.known_to_have_arrived(AT)


def test_a_mail_that_comes_back_has_failed_once() -> None:
    sent = SENDING.after(Outcome.ACCEPTED, "250", AT)
    back = sent.returned("5.2.2 full", AT)
    assert (back.state, back.reason, back.answer) == (State.FAILED, Reason.RETURNED, "5.2.2 full")
    assert back.returned("5.2.2 again", AT + timedelta(hours=1)) is back


def test_an_interrupted_try_is_repeated_at_once_but_not_for_ever() -> None:
    assert SENDING.interrupted(AT).due_at == AT
    tired = replace(SENDING, attempts=5).interrupted(AT)
    assert tired.due_at is not None and tired.due_at > AT
