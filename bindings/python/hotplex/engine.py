"""The engine: a pool of agents that are kept alive."""

import json
import time
import weakref
from ctypes import byref, c_uint64, c_void_p
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from . import _exit
from ._library import c_string, library, require, taken, utf8, written
from ._pump import Pump
from ._reading import read
from ._waking import Watches
from .decisions import Decision, to_json
from .errors import BusyError, ClosedError, InternalError, NotFoundError
from .events import Event, parse
from .figures import (
    EngineStats,
    SessionInfo,
    SessionStats,
    Verdict,
    session_info,
    session_stats,
)
from .guard import check_with
from .options import Path
from .turn import Approve, Turn

if TYPE_CHECKING:
    # Type checkers bring it along; nothing imports it when the program runs.
    from typing_extensions import Unpack

    from .options import EngineOptions

__all__ = ["Engine"]

CLOSING = 10.0
"""How many seconds beyond the grace `close` waits at most; the library needs two or three."""


class Engine:
    """Keeps agents alive, sends prompts to them by session and gives back typed events.

    The options are those of `EngineOptions`. No agent is started yet, but its program is looked for:
    SpawnFailedError if it is missing, InvalidArgumentError for options that can never work.

    Any method may be called from any thread, and turns may be read in threads and in coroutines at
    once. Close the engine, best with `with` or `async with`; at the interpreter's exit it is closed
    anyway.
    """

    def __init__(self, **options: "Unpack[EngineOptions]") -> None:
        self._library: Any = library()
        self._grace = options.get("kill_grace_ms", 5000) / 1000
        handle, error = c_void_p(), c_void_p()
        words = written(options, "an option")
        status = self._library.hotplex_engine_new(words, byref(handle), byref(error))
        require(status, taken(error))
        self._closed = False
        self._handle: int = handle.value or 0
        self._free = weakref.finalize(self, self._library.hotplex_engine_free, self._handle)
        # At the exit the engine is closed, which does more.
        self._free.atexit = False
        self._pump = Pump(self._handle)
        self._watches = Watches(self._pump)
        _exit.remember(self)

    def execute(
        self,
        session_id: str,
        work_dir: Path,
        prompt: str,
        *,
        task_system_prompt: Optional[str] = None,
        model: Optional[str] = None,
        project: Optional[str] = None,
        turn_timeout_ms: Optional[int] = None,
        tag: Optional[int] = None,
        approve: Optional[Approve] = None,
    ) -> Turn:
        """Sends a prompt into its session and returns at once: read the turn for what comes of it.

        `work_dir` is made if it is missing. `approve` decides about the agent's permission requests
        while the turn is read; without it answer the event with `Turn.respond`. `tag` is a number of
        your own, 0 to 2**64 - 1, that comes back in every event of the turn.

        Raises BlockedError if the guard refuses the prompt, BusyError if too many turns wait,
        InvalidArgumentError also for a work directory or model that differs from that of the
        session's live agent. There is no turn then.
        """
        config: Dict[str, Any] = {"session_id": session_id, "work_dir": work_dir}
        config["task_system_prompt"] = task_system_prompt
        config["model"] = model
        config["project"] = project
        config["turn_timeout_ms"] = turn_timeout_ms
        config["tag"] = tag
        self._live()
        words, text = _written(config), utf8(prompt, "the prompt")
        number, mailbox = self._pump.begin(lambda: self._submit(words, text))
        return Turn(self, number, session_id, mailbox, approve)

    def prewarm(
        self,
        work_dir: Path,
        count: int = 1,
        *,
        model: Optional[str] = None,
        project: Optional[str] = None,
    ) -> None:
        """Starts spare agents, which any new session with the same work directory, model and
        project may take, so that its first turn need not wait for a start. Returns at once."""
        words = _written({"work_dir": work_dir, "model": model, "project": project})
        error = c_void_p()
        status = self._library.hotplex_prewarm(self._live(), words, count, byref(error))
        require(status, taken(error))

    def respond_in_session(self, session_id: str, request_id: str, decision: Decision) -> None:
        """Answers a permission request by its session: the way to answer one of no turn, which comes
        from `background_events`. Agents ask so for what they do in the background."""
        place = c_string(session_id, "session_id")
        name, words, error = c_string(request_id, "request_id"), to_json(decision), c_void_p()
        status = self._library.hotplex_respond_in_session(
            self._live(), place, name, words, byref(error)
        )
        require(status, taken(error))

    def respond(self, turn: int, request_id: str, decision: Decision) -> None:
        """Answers a permission request of the turn with that number; see `Turn.respond`."""
        name, words, error = c_string(request_id, "request_id"), to_json(decision), c_void_p()
        status = self._library.hotplex_respond(self._live(), turn, name, words, byref(error))
        require(status, taken(error))

    def cancel(self, turn: int) -> None:
        """Cancels the turn with that number; see `Turn.cancel`.

        Raises NotFoundError if it is over or never was.
        """
        require(self._library.hotplex_cancel(self._live(), turn))

    def stop_session(self, session_id: str, reason: str = "") -> None:
        """Stops a session: its turns end as "stopped" at once, its agent is ended politely. The
        conversation is kept; the next prompt takes it up again.

        Raises NotFoundError if the pool holds no such session.
        """
        name, why = c_string(session_id, "session_id"), c_string(reason, "reason")
        require(self._library.hotplex_stop_session(self._live(), name, why))

    def sessions(self) -> List[SessionInfo]:
        """The sessions and spares that the pool holds now."""
        out = c_void_p()
        require(self._library.hotplex_sessions_json(self._live(), byref(out)))
        return [session_info(session) for session in json.loads(taken(out) or "[]")]

    def stats(self) -> EngineStats:
        """What the engine holds now, and what it has done."""
        return read(EngineStats, self._stats(None))

    def session_stats(self, session_id: str) -> SessionStats:
        """What a session has done since it came into the pool.

        Raises NotFoundError if the pool holds no such session.
        """
        return session_stats(self._stats(c_string(session_id, "session_id")))

    def check(
        self,
        text: str,
        kind: str = "command",
        *,
        work_dir: Optional[Path] = None,
        home: Optional[Path] = None,
        user: Optional[str] = None,
    ) -> Verdict:
        """What this engine's guard says about a text; see `hotplex.check`."""
        return check_with(self._live(), text, kind, work_dir, home, user)

    def background_events(self) -> List[Event]:
        """The events since the last call that belong to no turn: what agents do by themselves.

        They are taken along while turns are read; of very many the oldest are dropped.
        """
        events = map(parse, self._pump.unread())
        return [event for event in events if event is not None]

    def close(self, grace: Optional[float] = None) -> None:
        """Ends all turns as "stopped" and all agents, and returns when nothing is left.

        Agents get as many seconds to end by themselves before they are killed, by default the option
        `kill_grace_ms`. What was not read of turns can still be read. May be called again.

        Raises InternalError if something could not be ended; the message names the processes.
        """
        if self._begin_close(grace):
            limit = CLOSING + (self._grace if grace is None else grace)
            self._pump.wait(self._pump.over, time.monotonic() + limit)
            self._finish_close()

    async def close_async(self, grace: Optional[float] = None) -> None:
        """As `close`."""
        if self._begin_close(grace):
            await self._watches.wait(self._pump.over)
            self._finish_close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    async def __aenter__(self) -> "Engine":
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self.close_async()

    def __repr__(self) -> str:
        return f"<hotplex.Engine, {'closed' if self._closed else 'open'}>"

    def _live(self) -> int:
        self._pump.check_process()
        if self._closed:
            raise ClosedError("the engine is closed")
        return self._handle

    def _submit(self, config: bytes, prompt: bytes) -> int:
        turn, error = c_uint64(), c_void_p()
        status = self._library.hotplex_execute(
            self._live(), config, prompt, len(prompt), byref(turn), byref(error)
        )
        require(status, taken(error))
        return turn.value

    def _stats(self, session_id: Optional[bytes]) -> Dict[str, Any]:
        out = c_void_p()
        require(self._library.hotplex_stats_json(self._live(), session_id, byref(out)))
        figures: Dict[str, Any] = json.loads(taken(out) or "{}")
        return figures

    def _respond_if_open(self, turn: int, request_id: str, decision: Decision) -> None:
        """Answers a request, which may have been answered or withdrawn in the meantime."""
        try:
            self.respond(turn, request_id, decision)
        except (NotFoundError, ClosedError):
            pass

    def _abandon(self, turn: int) -> None:
        """Cancels a turn if it can be. Takes no lock, as the garbage collector comes here."""
        self._library.hotplex_cancel(self._handle, turn)

    def _begin_close(self, grace: Optional[float]) -> bool:
        """False if there is nothing to wait for: it is done, or not ours to do."""
        if not self._pump.is_own() or not self._free.alive:
            return False
        self._closed = True
        milliseconds = -1 if grace is None else int(grace * 1000)
        return bool(self._library.hotplex_engine_shutdown(self._handle, milliseconds) == 0)

    def _finish_close(self) -> None:
        error = c_void_p()
        status = self._library.hotplex_engine_finish(self._handle, byref(error))
        message = taken(error)
        # It is stale by now, unless it did not end in time.
        self._free()
        self._pump.end()
        self._watches.close()
        _exit.forget(self)
        if status in (InternalError.status, BusyError.status):
            raise InternalError(message or "the engine did not end in time")


def _written(config: Dict[str, Any]) -> bytes:
    given = {name: value for name, value in config.items() if value is not None}
    return written(given, "the config of the turn")
