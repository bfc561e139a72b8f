"""What the processor can do at most: the service's own Argon2id in as many threads, and nothing else.

Run as ``python -m tests.bench.peers.argon2_limit <seconds>``; prints passwords compared a second.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from services.identity.hashing import Hasher

PASSWORD = "asagao-kakine-tsubame"


def compared(hasher: Hasher, kept: str, until: float) -> int:
    """How many passwords one thread compares until then."""
    count = 0
    while time.perf_counter() < until:
        assert hasher.verdict(kept, PASSWORD).right
        count += 1
    return count


def main() -> None:
    """Compare for so many seconds and print the figure."""
    seconds = float(sys.argv[1])
    hasher = Hasher()
    kept = hasher.hashed(PASSWORD)
    began = time.perf_counter()
    with ThreadPoolExecutor(hasher.workers) as threads:
        each = [
            threads.submit(compared, hasher, kept, began + seconds) for _ in range(hasher.workers)
        ]
        total = sum(one.result() for one in each)
    print(total / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
