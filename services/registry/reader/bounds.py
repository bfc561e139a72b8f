"""What the reading process may use at most; the kernel holds it to that."""

import resource
import signal
from dataclasses import dataclass

#: How it ends when the memory was not enough, and the signal when the time was not.
EXIT_TOO_HEAVY = 70
SIGNAL_TOO_LONG = signal.SIGXCPU


@dataclass(frozen=True, slots=True)
class Bounds:
    """Memory of its own in bytes, processor time in seconds."""

    #: 200,000 rows of a workbook take about 120 MiB.
    memory: int = 200 * 1024 * 1024
    #: … and about 15 seconds on a slow machine.
    seconds: int = 90


def bind(bounds: Bounds) -> None:
    """From here on the process can take no more than this, and write to no file."""
    resource.setrlimit(resource.RLIMIT_DATA, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
