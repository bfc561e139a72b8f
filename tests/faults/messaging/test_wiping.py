"""The broker carries and the databases remember: it may be away, killed, or lose all it had."""

import asyncio
import shutil

from chassis.broker import definitions
from deploy.local.ports import free_ports
from deploy.local.rabbitmq import RabbitMQ
from tests.chassis.parties import make_ready
from tests.faults.messaging.conftest import PASSWORDS, what_it_boots_with
from tests.faults.messaging.party import EARS
from tests.faults.messaging.stage import Line, Scene


def line_of(node: RabbitMQ) -> Line:
    """Where the broker will be."""
    node.port = node.port or free_ports(1)[0]
    urls = {name: node.url(name, PASSWORDS[name], "machipo") for name in PASSWORDS}
    return Line(urls["alpha"], urls["beta"], urls["deployer"])


async def boot(node: RabbitMQ, *, empty: bool = False) -> None:
    if empty:
        shutil.rmtree(node.home / "mnesia", ignore_errors=True)
    await asyncio.to_thread(node.start, what_it_boots_with())


async def test_a_broker_may_be_late_be_killed_and_lose_all_it_had(
    wipeable: Scene, own_broker: RabbitMQ
) -> None:
    scene, node = wipeable, own_broker
    scene.line = line_of(node)
    for name in ("alpha", "beta"):
        await make_ready(scene.databases[name], EARS[name])
        scene.start(name)
    async with scene.commands() as pool:
        # Not there yet: everything converges by comparison.
        await scene.load(pool, 2)
        await scene.settled()

        # Killed while facts are under way, and back with what it had.
        await boot(node)
        await scene.prepare()
        load = asyncio.create_task(scene.load(pool, 4))
        await asyncio.sleep(1)
        await asyncio.to_thread(node.stop)
        await boot(node)
        await load
        await scene.settled()

        # Wiped: nobody prepares anything, and nothing is missing.
        load = asyncio.create_task(scene.load(pool, 4))
        await asyncio.sleep(1)
        await asyncio.to_thread(node.stop)
        await boot(node, empty=True)
        await load
        await scene.settled()

        # The queues come back with the definitions a broker boots with.
        kinds = {name: ears.kinds for name, ears in EARS.items()}
        await asyncio.to_thread(node.load, definitions(kinds, "machipo"))
        await scene.load(pool, 1)
    await scene.settled()
