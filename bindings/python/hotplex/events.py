"""What happens in a turn: one dataclass for each type of event.

Every event has `turn`, the number of its turn (0 if it belongs to none), `session_id`, `t_ms`, the
milliseconds since its turn began, and `tag`, what `execute` was given as such (0 if nothing).
"""

import json
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Union

from ._reading import read
from .figures import TurnStats

__all__ = [
    "Answer",
    "AnswerDelta",
    "DangerBlock",
    "Event",
    "Failure",
    "Notice",
    "PermissionRequest",
    "Raw",
    "SessionStart",
    "Thinking",
    "ThinkingDelta",
    "ToolCall",
    "ToolResult",
    "ToolUse",
    "TurnEnd",
]

TURN_END = 10
"""The number of `turn_end` in the C interface."""


@dataclass
class ToolCall:
    """A call of a tool: what the model asks for, and one line about it for a person.

    `parent` is the id of the call that started the sub-agent whose call this is, as far as the agent tells.
    """

    id: str
    name: str
    input: Dict[str, Any] = field(default_factory=dict)
    summary: str = ""
    parent: Optional[str] = None


@dataclass
class Failure:
    """Why a turn did not complete: `kind` for programs, `message` for people."""

    kind: str
    message: str


@dataclass
class SessionStart:
    """An agent's process serves the session from now on. Told once a process."""

    turn: int
    session_id: str
    t_ms: int
    agent_session_id: str
    resumed: bool
    model: Optional[str] = None
    tools: List[str] = field(default_factory=list)
    cwd: Optional[str] = None
    pid: Optional[int] = None
    tag: int = 0


@dataclass
class Thinking:
    """A finished piece of the model's thinking."""

    turn: int
    session_id: str
    t_ms: int
    text: str
    tag: int = 0


@dataclass
class Answer:
    """A finished piece of the model's answer."""

    turn: int
    session_id: str
    t_ms: int
    text: str
    tag: int = 0


@dataclass
class AnswerDelta:
    """The next few characters of an answer (option `partial_messages`)."""

    turn: int
    session_id: str
    t_ms: int
    text: str
    tag: int = 0


@dataclass
class ThinkingDelta:
    """The next few characters of thinking (option `partial_messages`)."""

    turn: int
    session_id: str
    t_ms: int
    text: str
    tag: int = 0


@dataclass
class ToolUse:
    """The model calls a tool."""

    turn: int
    session_id: str
    t_ms: int
    tool: ToolCall
    tag: int = 0


@dataclass
class ToolResult:
    """A tool gave its result. `tool` has the call's id and name only."""

    turn: int
    session_id: str
    t_ms: int
    tool: ToolCall
    text: str
    is_error: bool
    duration_ms: int
    tag: int = 0


@dataclass
class PermissionRequest:
    """The agent asks whether it may run a tool; see `Turn.respond`."""

    turn: int
    session_id: str
    t_ms: int
    request_id: str
    tool: ToolCall
    reason: Optional[str] = None
    tag: int = 0


@dataclass
class DangerBlock:
    """The guard kept the agent from doing something."""

    turn: int
    session_id: str
    t_ms: int
    operation: str
    reason: str
    rule: str
    level: Optional[str] = None
    category: str = ""
    suggestions: List[str] = field(default_factory=list)
    tool: Optional[ToolCall] = None
    tag: int = 0


@dataclass
class Notice:
    """Something was not as usual. `code` is fixed for programs, `text` is for people."""

    turn: int
    session_id: str
    t_ms: int
    level: str
    code: str
    text: str
    tag: int = 0


@dataclass
class Raw:
    """A line of the agent that hotplex does not know, as it was."""

    turn: int
    session_id: str
    t_ms: int
    line: str
    tag: int = 0


@dataclass
class TurnEnd:
    """The turn is over; nothing of it follows.

    `outcome` is "completed", "failed", "cancelled", "timed_out", "crashed" or "stopped"; `error` is
    None only if it completed.
    """

    turn: int
    session_id: str
    t_ms: int
    outcome: str
    stats: TurnStats
    error: Optional[Failure] = None
    tag: int = 0


Event = Union[
    SessionStart,
    Thinking,
    Answer,
    ToolUse,
    ToolResult,
    PermissionRequest,
    DangerBlock,
    Notice,
    Raw,
    TurnEnd,
    AnswerDelta,
    ThinkingDelta,
]

_Reader = Callable[[Dict[str, Any]], Event]


def _text(kind: Callable[[int, str, int, str, int], Event]) -> _Reader:
    # Most events are of this form, and there may be many: nothing is looked up that need not be.
    return lambda values: kind(
        values["turn"], values["session_id"], values["t_ms"], values["text"], values.get("tag", 0)
    )


def _with_tool(kind: Callable[..., Event]) -> _Reader:
    def reader(values: Dict[str, Any]) -> Event:
        tool: Optional[Mapping[str, Any]] = values.get("tool")
        return read(kind, values, tool=read(ToolCall, tool) if tool else None)  # type: ignore[arg-type]

    return reader


def _end(values: Dict[str, Any]) -> Event:
    error = values.get("error")
    return read(
        TurnEnd,
        values,
        stats=read(TurnStats, values.get("stats", {})),
        error=read(Failure, error) if error else None,
    )


_READERS: Dict[str, _Reader] = {
    "answer": _text(Answer),
    "answer_delta": _text(AnswerDelta),
    "thinking": _text(Thinking),
    "thinking_delta": _text(ThinkingDelta),
    "session_start": lambda values: read(SessionStart, values),
    "tool_use": _with_tool(ToolUse),
    "tool_result": _with_tool(ToolResult),
    "permission_request": _with_tool(PermissionRequest),
    "danger_block": _with_tool(DangerBlock),
    "notice": lambda values: read(Notice, values),
    "raw": lambda values: read(Raw, values),
    "turn_end": _end,
}


# Half the price of json.loads, which first finds out how its bytes are encoded.
_decode = json.JSONDecoder().raw_decode


def parse(line: bytes) -> Optional[Event]:
    """The event of a line of JSON; None for a type of event that this version does not know."""
    values: Dict[str, Any] = _decode(line.decode("utf-8"))[0]
    reader = _READERS.get(values["type"])
    return reader(values) if reader else None
