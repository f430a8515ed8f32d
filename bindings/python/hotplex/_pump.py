"""Takes the events of an engine and hands them to the mailboxes of their turns.

There is no thread for it. Whichever caller waits first takes events for all, until there is one of its
own; meanwhile others wait at their mailboxes, and one of them is woken to go on. In an asyncio loop the
library's descriptor says when there is something to take.

Ctrl-C may strike the main thread between any two lines here, and a program such as a notebook goes on
afterwards. So an event leaves the array that the library filled only after it is in its mailbox, and
bears a number by which the mailbox knows it if it is put there once more.
"""

import ctypes
import math
import threading
import time
from collections import deque
from ctypes import c_void_p
from typing import Any, Callable, Deque, Dict, List, Optional, Set, Tuple

from . import _exit
from .errors import ForkedError, HotplexError, error_of
from .events import TURN_END
from ._library import library, require
from ._mailbox import Mailbox

CLOSED = -3
TIMEOUT = -1

BATCH = 256
"""How many events are taken at once: as many as an asyncio loop is kept from its other work for."""

SLICE = 0.1
"""How long a thread waits, in seconds, before it looks whether Ctrl-C was pressed."""

BACKGROUND = 1024
"""How many events of no turn are kept for who may want them."""


class Pump:
    """The one consumer of an engine's events. Any method from any thread."""

    def __init__(self, handle: int) -> None:
        self.over = Mailbox(lambda held: None)
        """Is over when the engine has ended and all of its events were taken."""
        self.failure: Optional[HotplexError] = None
        """Why nothing more comes, unless the engine was simply closed."""
        self.background: Deque[bytes] = deque(maxlen=BACKGROUND)
        """Events of no turn; the oldest are dropped."""
        self._library: Any = library()
        self._handle = handle
        self._generation = _exit.generation()
        self._turns: Dict[int, Mailbox] = {}
        # Held while a turn begins, lest its first event be taken before there is a place for it.
        self._beginning = threading.RLock()
        # An RLock, so that a signal handler may wait for events of its own.
        self._taking = threading.RLock()
        self._followers: Set[Mailbox] = set()
        self._batch = (c_void_p * BATCH)()
        self._base = 1
        self._settled = True

    def is_own(self) -> bool:
        """False in a child of os.fork() of the process that opened the engine."""
        return self._generation == _exit.generation()

    def check_process(self) -> None:
        """Raises ForkedError in such a child, before any lock is touched."""
        if not self.is_own():
            raise ForkedError(
                "this process is a child of os.fork(): the engine stayed in its parent"
            )

    def begin(self, submit: Callable[[], int]) -> Tuple[int, Mailbox]:
        """Begins a turn, whose number `submit` gives, and makes the place for its events."""
        with self._beginning:
            turn = submit()
            mailbox = Mailbox(lambda held: self._hold(turn, held))
            self._turns[turn] = mailbox
        return turn, mailbox

    def wait(self, mailbox: Mailbox, deadline: Optional[float]) -> bool:
        """Waits until the mailbox is ready; False if the deadline (of time.monotonic) passed."""
        self.check_process()
        try:
            while not mailbox.is_ready():
                seconds = _slice(deadline)
                if not self._lead(seconds):
                    self._follow(mailbox, seconds)
                if seconds == 0:
                    return mailbox.is_ready()
            return True
        finally:
            self._hand_over()

    def take_now(self) -> None:
        """Takes what is there without waiting, unless another thread does so already."""
        # The second time finds nothing, which makes the descriptor unreadable.
        if self._lead(0):
            self._lead(0)
        self._hand_over()

    def _lead(self, seconds: float) -> bool:
        """Takes events once; False if another thread does."""
        if not self._taking.acquire(blocking=False):
            return False
        try:
            self._take(math.ceil(seconds * 1000))
        finally:
            self._taking.release()
        return True

    def _follow(self, mailbox: Mailbox, seconds: float) -> None:
        self._followers.add(mailbox)
        try:
            # Who led may have left before we could be found.
            if not self._nobody_leads():
                mailbox.wait(seconds)
        finally:
            self._followers.discard(mailbox)

    def _hand_over(self) -> None:
        """Wakes one that waits, to take events in our place, unless somebody does already."""
        if self._followers and self._nobody_leads():
            try:
                self._followers.pop().ring()
            except KeyError:
                pass

    def _nobody_leads(self) -> bool:
        if not self._taking.acquire(blocking=False):
            return False
        self._taking.release()
        return True

    def _take(self, timeout_ms: int) -> None:
        if self._settled:
            self._base += BATCH
            self._settled = False
            count = self._library.hotplex_next_events(
                self._handle, self._batch, BATCH, timeout_ms
            )
        else:
            # An earlier call was interrupted: there may be something anywhere.
            count = BATCH
        if count > 0:
            self._deliver(self._batch, count, self._base)
        self._settled = True
        if count < 0 and count != TIMEOUT:
            self._end(count)

    def _deliver(self, batch: "ctypes.Array[c_void_p]", count: int, base: int) -> None:
        events = self._library
        for place in range(count):
            event: Any = batch[place]
            if event is None:
                continue
            turn = events.hotplex_event_turn(event)
            line = events.hotplex_event_json(event, None)
            last = events.hotplex_event_get_type(event) == TURN_END
            self._put(turn, base + place, line, last)
            batch[place] = None
            events.hotplex_event_free(event)

    def _put(self, turn: int, number: int, line: bytes, last: bool) -> None:
        mailbox = self._turns.get(turn)
        if mailbox is None:
            with self._beginning:
                mailbox = self._turns.get(turn)
        if mailbox is not None:
            mailbox.put(number, line, last)
            if last:
                self._turns.pop(turn, None)
        elif turn == 0:
            self.background.append(line)

    def _end(self, status: int) -> None:
        """Nothing more comes: the engine is closed, or of no use any more."""
        if status != CLOSED:
            words = self._library.hotplex_status_string(status).decode()
            self.failure = error_of(status, words)
        self.end()

    def end(self) -> None:
        """Tells all who wait that nothing more comes."""
        while self._turns:
            self._turns.popitem()[1].end()
        self.over.end()

    def _hold(self, turn: int, held: bool) -> None:
        # A turn whose end was taken meanwhile needs no holding back: what is returned does not matter.
        self._library.hotplex_turn_pause(self._handle, turn, int(held))

    def open_descriptor(self) -> int:
        """A descriptor that is readable when there is something to take; the caller closes it."""
        return require(self._library.hotplex_event_fd(self._handle))

    def unread(self) -> List[bytes]:
        """The events of no turn that came since the last call."""
        self.check_process()
        lines = []
        while self.background:
            lines.append(self.background.popleft())
        return lines


def _slice(deadline: Optional[float]) -> float:
    """How long to wait now; 0 once the deadline has passed."""
    if deadline is None:
        return SLICE
    return max(0.0, min(deadline - time.monotonic(), SLICE))
