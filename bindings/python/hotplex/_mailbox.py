"""Where the events of one turn wait for whoever reads it."""

import threading
from collections import deque
from typing import Callable, Deque, List, Optional, Tuple

# A reader that is slower than its agent holds back that agent, and nobody else: over these bounds the
# library is asked to keep the turn's events to itself until the reader has caught up.
MOST_EVENTS = 1024
MOST_BYTES = 1 << 20


class Mailbox:
    """The events of a turn that were taken and not read yet, as lines of JSON.

    Any thread may put and get. `hold` is called with True when there is too much in it, and with False
    once it is empty again.
    """

    def __init__(self, hold: Callable[[bool], None]) -> None:
        # Taken by itself where nobody is to be woken: a Condition is slower to enter.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self.over = False
        """Nothing more is put: the turn's end is among the lines, or was read."""
        self.abandoned = False
        """Nobody will read any more."""
        self.wakers: List[Callable[[], None]] = []
        """Called once, on the thread that puts, when there is something for a coroutine."""
        self._lines: Deque[Tuple[int, bytes]] = deque()
        self._bytes = 0
        self._held = False
        self._hold = hold
        self._waiting = 0
        self._read = 0

    def put(self, number: int, line: bytes, last: bool) -> None:
        """Adds a line. The numbers rise; a line that was put before is left out when it is read."""
        if self.abandoned:
            self.over = self.over or last
            return
        with self._lock:
            self._lines.append((number, line))
            self._bytes += len(line)
            self.over = self.over or last
            if len(self._lines) > MOST_EVENTS or self._bytes > MOST_BYTES:
                self._hold_back()
        self.ring()

    def end(self) -> None:
        """Nothing more comes, as the engine is gone."""
        self.over = True
        self.ring()

    def ring(self) -> None:
        """Wakes those who wait, to look again."""
        if self._waiting:
            with self._lock:
                self._changed.notify_all()
        if self.wakers:
            wakers, self.wakers = self.wakers, []
            for wake in wakers:
                wake()

    def get(self) -> Optional[bytes]:
        """The next line; None if there is none now."""
        with self._lock:
            try:
                return self._pop()
            finally:
                if not self._lines:
                    self._bytes = 0
                    self._let_go()

    def _pop(self) -> Optional[bytes]:
        while self._lines:
            number, line = self._lines.popleft()
            self._bytes -= len(line)
            if number > self._read:
                self._read = number
                return line
        return None

    def is_ready(self) -> bool:
        """True if `get` has something to give, or never will have again."""
        return bool(self._lines) or self.over

    def is_filled(self) -> bool:
        """True if `get` has something to give."""
        return bool(self._lines)

    def wait(self, seconds: float) -> None:
        """Waits until it is ready or somebody rings, but not longer than this."""
        with self._lock:
            self._waiting += 1
            try:
                if not self.is_ready():
                    self._changed.wait(seconds)
            finally:
                self._waiting -= 1

    def abandon(self) -> None:
        """Nobody reads any more: what is in it and what still comes is dropped.

        Takes no lock, as it is called by the garbage collector, which may come while this thread is
        in the middle of another method.
        """
        self.abandoned = True
        self._lines.clear()
        self._let_go()

    # The flag says that it may be held: it is set before and cleared after, lest Ctrl-C come between
    # and the turn be held for ever.

    def _hold_back(self) -> None:
        if not self._held and not self.over:
            self._held = True
            self._hold(True)
        if self.abandoned:
            self._let_go()

    def _let_go(self) -> None:
        if self._held:
            self._hold(False)
            self._held = False
