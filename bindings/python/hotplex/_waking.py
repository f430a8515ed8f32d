"""Coroutines that wait for events: the descriptor of the engine is watched by their own loop."""

import asyncio
import contextlib
import os
import threading
from typing import Callable, Dict, Optional

from ._mailbox import Mailbox
from ._pump import Pump
from .errors import ClosedError, MisuseError


class Watch:
    """One loop's watch over the descriptor. Methods are called on the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pump: Pump) -> None:
        self._loop = loop
        self._pump = pump
        self._thread = threading.get_ident()
        self._descriptor: Optional[int] = pump.open_descriptor()
        loop.add_reader(self._descriptor, self._readable)

    def _readable(self) -> None:
        self._pump.take_now()
        if self._pump.over.over:
            self.close()

    def waker(self, future: "asyncio.Future[None]") -> Callable[[], None]:
        """What ends the future's wait, from whatever thread."""

        def finish() -> None:
            if not future.done():
                future.set_result(None)

        def wake() -> None:
            if self.is_of_this_thread():
                finish()
            else:
                # A loop that was closed has nobody who waits.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(finish)

        # The loop may run in another thread than last time.
        self._thread = threading.get_ident()
        return wake

    def is_of_this_thread(self) -> bool:
        """True if the loop is this thread's."""
        return threading.get_ident() == self._thread

    def is_stale(self) -> bool:
        """True if the loop is gone, and with it the watch."""
        return self._loop.is_closed()

    def close(self) -> None:
        """Ends the watch."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        if not self._loop.is_closed():
            self._loop.remove_reader(descriptor)
        os.close(descriptor)


class Watches:
    """The watches of an engine, one for each loop that has waited for its events."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._of_loops: Dict[asyncio.AbstractEventLoop, Watch] = {}
        self._changing = threading.RLock()

    async def wait(self, mailbox: Mailbox) -> None:
        """Waits until the mailbox is ready."""
        while not mailbox.is_ready():
            try:
                watch = self._watch(asyncio.get_running_loop())
            except (ClosedError, MisuseError):
                # Another thread has taken the last events, and is about to tell all who wait.
                self._pump.take_now()
                await asyncio.sleep(0)
            else:
                await _wake(mailbox, watch)

    def close(self) -> None:
        """Ends the watches that this thread may end; the others end when their loops find nothing."""
        for watch in list(self._of_loops.values()):
            if watch.is_of_this_thread() or watch.is_stale():
                watch.close()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> Watch:
        watch = self._of_loops.get(loop)
        if watch is None:
            with self._changing:
                self._drop_stale()
                watch = self._of_loops[loop] = Watch(loop, self._pump)
        return watch

    def _drop_stale(self) -> None:
        for loop, watch in list(self._of_loops.items()):
            if watch.is_stale():
                watch.close()
                del self._of_loops[loop]


async def _wake(mailbox: Mailbox, watch: Watch) -> None:
    """Waits until there is something new in the mailbox."""
    future: "asyncio.Future[None]" = asyncio.get_running_loop().create_future()
    wake = watch.waker(future)
    mailbox.wakers.append(wake)
    try:
        # Another thread may have put something before there was anybody to wake.
        if not mailbox.is_ready():
            await future
    finally:
        if wake in mailbox.wakers:
            mailbox.wakers.remove(wake)
