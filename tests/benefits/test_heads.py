"""How far the ledger has come is signed and kept outside: a rewritten past has another head."""

import json

from structlog.testing import capture_logs

from chassis.database import Pool, transaction
from services.benefits.jobs.heads import HEAD, Heads, digest_of
from tests.benefits.moving import funded
from tests.rig.keyring import KeyRing


async def test_a_head_is_signed_once_for_each_step_of_the_ledger(pool: Pool, keys: KeyRing) -> None:
    heads = Heads(pool, keys("benefits"))
    async with transaction(pool) as conn:
        await funded(conn)
    with capture_logs() as told:
        await heads.sign()
        await heads.sign()
        async with transaction(pool) as conn:
            await funded(conn)
        await heads.sign()
    tokens = [line["head"] for line in told if line["event"] == "ledger head"]
    read = [json.loads(keys("identity").attested(t, "benefits", HEAD)) for t in tokens]
    assert [one["links"] for one in read] == [1, 2]
    assert read[0]["digest"] != read[1]["digest"]


def test_every_part_of_a_head_counts() -> None:
    chains = [(1, 0, 3, b"a"), (1, 1, 2, b"b")]
    changed = [
        [(1, 0, 3, b"a"), (1, 1, 2, b"c")],
        [(1, 0, 3, b"a"), (1, 1, 1, b"b")],
        [(1, 0, 3, b"a"), (2, 1, 2, b"b")],
        [(1, 0, 3, b"a")],
    ]
    assert digest_of(chains) not in {digest_of(other) for other in changed}
