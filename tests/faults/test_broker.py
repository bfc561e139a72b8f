"""The broker carries and the databases remember: it may be away, and it may forget everything."""

import asyncio
import signal
from datetime import date

from deploy.local.ports import answers
from tests.faults.judging import judge
from tests.faults.load import Crowd
from tests.rig.paperwork import municipality, provider
from tests.rig.portal import LONG
from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

#: The issue allows five minutes after all broker data are gone.
_CONVERGES = 300
PATIENCE = 90


async def test_a_registration_goes_on_while_the_broker_is_stopped(
    stack: Stack, story: Story, desk: Visitor, today: date
) -> None:
    patient = story.patient(PATIENCE)
    first, second = municipality(), provider()
    visitor = await story.get_account(first)
    other = await story.get_account(second)
    await story.fill_in(first, visitor)
    await story.add_documents(first, visitor)
    await story.apply(second, other)
    await story.decide(desk, second, "take")
    await story.documents_checked(desk, second)
    assert await story.listed(second) is None
    port = stack.port("rabbitmq")
    with stack.nobody_revived():
        stack.pid("rabbitmq").send(signal.SIGTERM)
        gone: bool = await eventually(lambda: not answers(port))
        assert gone

        await story.submit(first, visitor)
        newcomer = municipality()
        await story.request_account(newcomer)
        await story.decide(desk, second, "approve", {"effective_on": today.isoformat()})
        # What the gateway keeps may be untrue now and nobody can tell it so: it has to ask.
        assert await story.comes_into_the_list(second)
        assert not answers(port), "the broker was back before anything happened without it"

    # It starts only now.
    back: bool = await eventually(lambda: answers(port), within=240)
    assert back
    await patient.set_password(newcomer, await patient.confirm(newcomer))
    await story.approve(desk, first, today)
    await patient.mailbox.next(first.email, "登録")
    await judge(patient, [first, second], today)


async def test_all_broker_data_wiped_while_running_converges_by_itself(
    stack: Stack, story: Story, desk: Visitor, today: date
) -> None:
    patient = story.patient(PATIENCE)
    desk.patience = PATIENCE
    crowd = Crowd(patient, desk, today)
    crowd_runs = asyncio.create_task(crowd.run())
    try:
        for _ in range(5 if LONG else 1):
            await asyncio.sleep(4)
            stack.wipe_broker()
            back: bool = await eventually(lambda: answers(stack.port("rabbitmq")), within=240)
            assert back
            await asyncio.sleep(4)
        crowd.enough()
        await crowd_runs
    finally:
        crowd.enough()
        crowd_runs.cancel()
        desk.patience = 0
    await judge(patient, crowd.applicants, today, within=_CONVERGES)
