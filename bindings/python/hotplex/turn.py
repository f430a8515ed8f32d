"""A turn: what came of one prompt."""

import inspect
import time
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, Iterator, List
from typing import Optional, Protocol, Union

from ._mailbox import Mailbox
from ._pump import Pump
from ._waking import Watches
from .decisions import Allow, Decision, Deny
from .errors import ClosedError, HotplexError, TimedOutError, TurnFailedError
from .events import Answer, Event, PermissionRequest, TurnEnd, parse

__all__ = ["Approve", "Turn"]

Approve = Callable[
    [PermissionRequest], Union[Optional[Decision], Awaitable[Optional[Decision]]]
]
"""Decides about a permission request; None leaves it to whoever reads the event. It may be a
coroutine function where the turn is read with `async for`."""


class _Engine(Protocol):
    """What a turn asks of the engine that runs it."""

    _pump: Pump
    _watches: Watches

    def respond(self, turn: int, request_id: str, decision: Decision) -> None: ...

    def _respond_if_open(self, turn: int, request_id: str, decision: Decision) -> None: ...

    def _abandon(self, turn: int) -> None: ...


class Turn:
    """The events of one turn: `for event in turn`, or `async for event in turn`.

    They end with exactly one `TurnEnd`, whatever becomes of the agent, the session or the engine. A
    turn that nobody refers to any more is cancelled; so is one whose `with` block is left.

    Any method may be called from any thread. An agent whose turn is not read is held back, and no
    other notices.
    """

    def __init__(
        self, engine: _Engine, number: int, session_id: str, mailbox: Mailbox, approve: Optional[Approve]
    ) -> None:
        self.number = number
        """The number of the turn in its engine; `Event.turn` of its events."""
        self.session_id = session_id
        self.end: Optional[TurnEnd] = None
        """How the turn ended, once its `TurnEnd` was read."""
        self._engine = engine
        self._mailbox = mailbox
        self._approve = approve

    # Reading, in threads.

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event = self.next_event()
        if event is None:
            raise StopIteration
        return event

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None after the turn's end. Waits as many seconds, or as long as it takes.

        Raises TimedOutError if nothing came in time.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            self._engine._pump.check_process()
            event = self._take()
            if event is not None:
                return self._seen(event)
            if self._is_over():
                return None
            if not self._engine._pump.wait(self._mailbox, deadline):
                raise TimedOutError(f"no event came in {timeout} s")

    def wait(self) -> TurnEnd:
        """Reads up to the end of the turn, which it returns."""
        for _ in self:
            pass
        return self._ended()

    def answer(self) -> str:
        """Reads up to the end of the turn; returns the text of its answers.

        Raises TurnFailedError if it did not complete.
        """
        return self._answer_of([event for event in self if isinstance(event, Answer)])

    # Reading, in coroutines.

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while True:
            self._engine._pump.check_process()
            event = self._take()
            if event is not None:
                return await self._seen_async(event)
            if self._is_over():
                raise StopAsyncIteration
            await self._engine._watches.wait(self._mailbox)

    async def wait_async(self) -> TurnEnd:
        """As `wait`."""
        async for _ in self:
            pass
        return self._ended()

    async def answer_async(self) -> str:
        """As `answer`."""
        return self._answer_of([event async for event in self if isinstance(event, Answer)])

    # Doing something about it.

    def cancel(self) -> None:
        """Asks the agent to let go of the turn, and returns at once; the session and its process go on.

        The turn ends as "cancelled" within about a second, or otherwise if it was over already.
        """
        self._engine._abandon(self.number)

    def respond(self, request: Union[PermissionRequest, str], decision: Decision) -> None:
        """Answers a permission request, or one by its `request_id`.

        Raises NotFoundError if it is answered, withdrawn or timed out already.
        """
        request_id = request if isinstance(request, str) else request.request_id
        self._engine.respond(self.number, request_id, decision)

    def allow(
        self,
        request: Union[PermissionRequest, str],
        updated_input: Optional[Dict[str, Any]] = None,
    ) -> None:
        """Lets the tool run, with another input if one is given."""
        self.respond(request, Allow(updated_input))

    def deny(
        self, request: Union[PermissionRequest, str], message: str = "", interrupt: bool = False
    ) -> None:
        """Does not let the tool run, and tells the model why; `interrupt` ends the turn as well."""
        self.respond(request, Deny(message, interrupt))

    def close(self) -> None:
        """Cancels the turn unless it is over, drops what was not read, and lets go all who wait."""
        self._drop()
        if self._engine._pump.is_own():
            self._mailbox.ring()

    def _drop(self) -> None:
        # Takes no lock, as the garbage collector comes here.
        over, self._mailbox.over = self._mailbox.over, True
        self._mailbox.abandon()
        if not over:
            self._engine._abandon(self.number)

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    async def __aenter__(self) -> "Turn":
        return self

    async def __aexit__(self, *reason: object) -> None:
        self.close()

    def __del__(self) -> None:
        # Without a mailbox the constructor was interrupted.
        if getattr(self, "_mailbox", None) is not None:
            self._drop()

    def __repr__(self) -> str:
        state = self.end.outcome if self.end else "running"
        return f"<hotplex.Turn {self.number} of {self.session_id!r}, {state}>"

    def _take(self) -> Optional[Event]:
        while True:
            line = self._mailbox.get()
            if line is None:
                return None
            event = parse(line)
            # An event of a type that a later library knows is none for us.
            if event is not None:
                return event

    def _is_over(self) -> bool:
        if not self._mailbox.over or self._mailbox.is_filled():
            return False
        failure = self._engine._pump.failure
        if failure is not None and self.end is None:
            raise failure
        return True

    def _seen(self, event: Event) -> Event:
        if isinstance(event, TurnEnd):
            self.end = event
        elif isinstance(event, PermissionRequest) and self._approve is not None:
            decision = self._approve(event)
            if inspect.isawaitable(decision):
                raise HotplexError("an asynchronous approval needs `async for`")
            self._decide(event, decision)
        return event

    async def _seen_async(self, event: Event) -> Event:
        if isinstance(event, TurnEnd):
            self.end = event
        elif isinstance(event, PermissionRequest) and self._approve is not None:
            decision = self._approve(event)
            self._decide(event, await decision if inspect.isawaitable(decision) else decision)
        return event

    def _decide(self, request: PermissionRequest, decision: Optional[Decision]) -> None:
        if decision is not None:
            self._engine._respond_if_open(self.number, request.request_id, decision)

    def _ended(self) -> TurnEnd:
        if self.end is None:
            raise ClosedError("the turn was closed before its end was read")
        return self.end

    def _answer_of(self, answers: List[Answer]) -> str:
        end = self._ended()
        if end.outcome != "completed":
            raise TurnFailedError(end)
        return "".join(answer.text for answer in answers)
