"""A public read from the gateway's memory beside a file from nginx, per second of CPU."""

from deploy.local.stack import service_names
from tests.bench.gate import PATH, gateway, nginx
from tests.bench.harness import GROUND, load, median_ratio
from tests.bench.programs import CLIENT_CORE, SERVER_CORE
from tests.bench.row import Row
from tests.rig.rabbitmq import virtual_host


async def measure(rounds: int) -> Row:
    """Both answer the same kilobyte with an ETag to 32 kept connections."""
    folder = GROUND.new_folder()
    broker = virtual_host(GROUND.rabbitmq, tuple(service_names()))
    with (
        nginx(folder, CLIENT_CORE) as (_, behind),
        nginx(folder, SERVER_CORE) as (peer, peer_port),
        gateway(folder, behind, broker_url=broker.url("gateway")) as (ours, our_port),
    ):

        async def of_ours() -> float:
            return await _rate(f"http://127.0.0.1:{our_port}{PATH}", ours.pid)

        async def of_peer() -> float:
            return await _rate(f"http://127.0.0.1:{peer_port}{PATH}", peer.pid)

        await of_ours()
        mine, theirs, ratio = await median_ratio(of_ours, of_peer, rounds)
        memory = {"gateway": round(ours.resident(), 1)}
    broker.delete()
    return Row(
        "cached-read",
        mine,
        mine / ratio,
        "nginx static",
        "requests per CPU-second",
        first_goal=0.30,
        goal=0.80,
        notes=f"nginx's median of its own {theirs:,.0f}",
        memory=memory,
    )


async def _rate(url: str, pid: int) -> float:
    seen = await load(url, pids=(pid,))
    if seen.failed:
        raise RuntimeError(f"{seen.failed} requests to {url} failed")
    return seen.per_cpu_second
