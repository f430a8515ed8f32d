"""hotplex keeps AI command-line agents alive in a pool, sends prompts to them by session and gives
back typed events.

    import hotplex

    with hotplex.Engine() as engine:
        for event in engine.execute("user-123", "/srv/user-123", "What does this project do?"):
            if isinstance(event, hotplex.Answer):
                print(event.text)
"""

from typing import IO, Any, Union

from ._library import c_string, library, require
from .decisions import Allow, Decision, Deny
from .engine import Engine
from .errors import (
    BlockedError,
    BufferTooSmallError,
    BusyError,
    ClosedError,
    ForkedError,
    HotplexError,
    InUseError,
    InternalError,
    InvalidArgumentError,
    LibraryNotFoundError,
    MisuseError,
    NotFoundError,
    SpawnFailedError,
    TimedOutError,
    TurnFailedError,
)
from .events import (
    Answer,
    AnswerDelta,
    DangerBlock,
    Event,
    Failure,
    Notice,
    PermissionRequest,
    Raw,
    SessionStart,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolResult,
    ToolUse,
    TurnEnd,
)
from .figures import BackgroundTask, EngineStats, SessionInfo, SessionStats, TurnStats, Verdict
from .guard import check
from .listing import Capabilities, Provider, providers
from .options import EngineOptions, GuardOptions
from .turn import Approve, Turn

__all__ = [
    "Allow",
    "Answer",
    "AnswerDelta",
    "Approve",
    "BackgroundTask",
    "BlockedError",
    "BufferTooSmallError",
    "BusyError",
    "Capabilities",
    "ClosedError",
    "DangerBlock",
    "Decision",
    "Deny",
    "Engine",
    "EngineOptions",
    "EngineStats",
    "Event",
    "Failure",
    "ForkedError",
    "GuardOptions",
    "HotplexError",
    "InUseError",
    "InternalError",
    "InvalidArgumentError",
    "LibraryNotFoundError",
    "MisuseError",
    "NotFoundError",
    "Notice",
    "PermissionRequest",
    "Provider",
    "Raw",
    "SessionInfo",
    "SessionStart",
    "SessionStats",
    "SpawnFailedError",
    "Thinking",
    "ThinkingDelta",
    "TimedOutError",
    "ToolCall",
    "ToolResult",
    "ToolUse",
    "Turn",
    "TurnEnd",
    "TurnFailedError",
    "TurnStats",
    "Verdict",
    "check",
    "log_to",
    "providers",
    "version",
]


def version() -> str:
    """The version of the library."""
    return str(library().hotplex_version().decode())


def log_to(file: Union[int, IO[Any]], level: str = "warn") -> None:
    """Has the library write its log to a descriptor, or to a file that has one, of all engines of this
    process. `level` is "off", "error", "warn", "info", "debug" or "trace"."""
    descriptor = file if isinstance(file, int) else file.fileno()
    require(library().hotplex_log_to_fd(descriptor, c_string(level, "level")))
