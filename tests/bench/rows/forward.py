"""An uncached public read through the gateway beside Caddy passing it on, per second of CPU."""

from tests.bench.gate import PATH, caddy, gateway, nginx
from tests.bench.harness import GROUND, load, median_ratio
from tests.bench.programs import CLIENT_CORE
from tests.bench.row import Row


async def measure(rounds: int) -> Row:
    """Both pass the same read on to the same nginx; the gateway hears no facts, so it keeps nothing."""
    folder = GROUND.new_folder()
    with (
        nginx(folder, CLIENT_CORE) as (behind, behind_port),
        caddy(folder, behind_port) as (peer, peer_port),
        gateway(folder, behind_port) as (ours, our_port),
    ):
        del behind

        async def of_ours() -> float:
            return await _rate(f"http://127.0.0.1:{our_port}{PATH}", ours.pid)

        async def of_peer() -> float:
            return await _rate(f"http://127.0.0.1:{peer_port}{PATH}", peer.pid)

        await of_ours()
        mine, theirs, ratio = await median_ratio(of_ours, of_peer, rounds)
        memory = {"gateway": round(ours.resident(), 1)}
    return Row(
        "forward",
        mine,
        mine / ratio,
        "Caddy reverse proxy",
        "requests per CPU-second",
        first_goal=1.2,
        goal=3.5,
        notes=f"Caddy's median of its own {theirs:,.0f}",
        memory=memory,
    )


async def _rate(url: str, pid: int) -> float:
    seen = await load(url, pids=(pid,))
    if seen.failed:
        raise RuntimeError(f"{seen.failed} requests to {url} failed")
    return seen.per_cpu_second
