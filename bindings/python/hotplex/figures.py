"""What the library counts, and what its guard says. Times are milliseconds, unless their names say
otherwise; costs are US dollars."""

from dataclasses import dataclass, field
from typing import Any, List, Mapping, Optional

from ._reading import read

__all__ = ["BackgroundTask", "EngineStats", "SessionInfo", "SessionStats", "TurnStats", "Verdict"]


@dataclass
class TurnStats:
    """The figures of one turn alone, not summed over its session."""

    start_time: int = 0
    """When the turn began, in seconds since 1970."""
    end_time: int = 0
    """When it ended, in seconds since 1970."""
    total_duration_ms: int = 0
    thinking_duration_ms: int = 0
    tool_duration_ms: int = 0
    """While at least one tool ran: tools that run at once count once."""
    generation_duration_ms: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    total_tokens: int = 0
    """Input and output; what caches held is not in it."""
    tool_call_count: int = 0
    tools_used: List[str] = field(default_factory=list)
    files_modified: int = 0
    file_paths: List[str] = field(default_factory=list)
    total_cost_usd: float = 0.0
    model_used: Optional[str] = None
    is_error: bool = False
    error_message: Optional[str] = None


@dataclass
class SessionStats:
    """What a session has done since it came into the pool."""

    session_id: str
    turns: int = 0
    turns_completed: int = 0
    total_duration_ms: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    total_tokens: int = 0
    tool_call_count: int = 0
    total_cost_usd: float = 0.0
    last_turn: Optional[TurnStats] = None
    """The figures of the turn that ended last."""


@dataclass
class EngineStats:
    """What an engine holds now, and what it has done."""

    live_processes: int = 0
    sessions: int = 0
    ready_spares: int = 0
    spawned: int = 0
    turns_completed: int = 0
    turns_not_completed: int = 0
    spare_hits: int = 0
    spare_misses: int = 0
    hibernated: int = 0
    lost_background_events: int = 0


@dataclass
class BackgroundTask:
    """Something that an agent runs in the background, while turns come and go."""

    id: str
    kind: str = ""
    """In the agent's words, as `description`."""
    description: str = ""


@dataclass
class SessionInfo:
    """A session, or a spare, as the pool holds it now."""

    session_id: str
    agent_session_id: Optional[str] = None
    provider: str = ""
    state: str = ""
    pid: Optional[int] = None
    pgid: Optional[int] = None
    work_dir: str = ""
    created_ms: int = 0
    """Since 1970, as `last_active_ms`."""
    last_active_ms: int = 0
    turns: int = 0
    queued: int = 0
    rss_bytes: int = 0
    buffered_bytes: int = 0
    spare: bool = False
    jail: str = ""
    """The jail of its agent, and in brackets what the kernel enforces of it; "off" without one."""
    git_dirs: List[str] = field(default_factory=list)
    """Where the jail lets its agent write of what git keeps outside of the work directory."""
    background_tasks: List[BackgroundTask] = field(default_factory=list)
    """What its agent runs beside the turns. A session with such tasks is not idle."""


@dataclass
class Verdict:
    """What the guard says about a text: `verdict` is "allow", "flag" or "block"."""

    verdict: str
    operation: str = ""
    reason: str = ""
    rule: str = ""
    level: Optional[str] = None
    """"critical", "high" or "moderate"."""
    category: str = ""
    suggestions: List[str] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        """True if it must not run."""
        return self.verdict == "block"


def session_stats(values: Mapping[str, Any]) -> SessionStats:
    """The figures of a session, with those of its last turn."""
    last = values.get("last_turn")
    return read(SessionStats, values, last_turn=read(TurnStats, last) if last else None)


def session_info(values: Mapping[str, Any]) -> SessionInfo:
    """A session with its tasks."""
    tasks = [read(BackgroundTask, task) for task in values.get("background_tasks", ())]
    return read(SessionInfo, values, background_tasks=tasks)
