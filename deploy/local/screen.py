"""What a person sees: progress with its time, prefixed logs, one line of trouble."""

import sys
import threading
import time

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class Screen:
    """The terminal, or whatever the output goes to."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._colours: dict[str, int] = {}
        self._lock = threading.Lock()
        self._coloured = sys.stdout.isatty()

    def say(self, words: str) -> None:
        """A line of progress, with the seconds since the start."""
        self._print(f"{time.monotonic() - self._began:6.1f} s  {words}")

    def show(self, text: str = "") -> None:
        """Text as it is."""
        self._print(text)

    def log(self, name: str, line: str) -> None:
        """A line of a process, its name before it in a colour of its own."""
        prefix = f"{name:<15}│ "
        if self._coloured:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self._print(f"{prefix}{line}")

    def _print(self, text: str) -> None:
        with self._lock:
            try:
                print(text, flush=True)
            except (BrokenPipeError, OSError):
                # Nobody reads any more; the run goes on.
                return


def trouble(words: str) -> None:
    """The one line that ends a command that could not do it."""
    mark = "\x1b[31mportal:\x1b[0m" if sys.stderr.isatty() else "portal:"
    print(f"{mark} {words}", file=sys.stderr, flush=True)
