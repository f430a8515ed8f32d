"""The words of the library, for programs that compare them and for type checkers.

A later version of the library may tell more of them.
"""

from typing import Tuple

__all__ = [
    "DANGER_LEVELS",
    "ERROR_KINDS",
    "JAILS",
    "NOTICE_CODES",
    "NOTICE_LEVELS",
    "OUTCOMES",
    "SESSION_STATES",
    "TOOL_GATES",
    "VERDICTS",
]

OUTCOMES: Tuple[str, ...] = ("completed", "failed", "cancelled", "timed_out", "crashed", "stopped")
"""`TurnEnd.outcome`."""

ERROR_KINDS: Tuple[str, ...] = (
    "invalid_argument",
    "not_found",
    "blocked",
    "busy",
    "in_use",
    "closed",
    "timed_out",
    "spawn_failed",
    "agent_failed",
    "crashed",
    "cancelled",
    "stopped",
    "forked",
    "internal",
)
"""`Failure.kind`."""

NOTICE_LEVELS: Tuple[str, ...] = ("info", "warning")
"""`Notice.level`."""

NOTICE_CODES: Tuple[str, ...] = (
    "agent_ended",
    "api_error",
    "api_retry",
    "background_ended",
    "conversation_reset",
    "danger_flag",
    "git_not_opened",
    "hook_refused",
    "instructions_refused",
    "jail_unavailable",
    "line_too_long",
    "not_json",
    "permission_denied",
    "permission_refused",
    "permission_timed_out",
    "permission_withdrawn",
    "pipe_broken",
    "project_ignored",
    "repository_changed",
    "session_reset",
    "start_delayed",
    "state_unwritable",
    "task_notification",
    "unrequested_result",
    "untested_version",
    "work_dir_replaced",
)
"""`Notice.code`."""

SESSION_STATES: Tuple[str, ...] = (
    "dead",
    "starting",
    "ready",
    "busy",
    "awaiting_approval",
    "stopping",
    "closing",
)
"""`SessionInfo.state`."""

VERDICTS: Tuple[str, ...] = ("allow", "flag", "block")
"""`Verdict.verdict`."""

DANGER_LEVELS: Tuple[str, ...] = ("moderate", "high", "critical")
"""`Verdict.level` and `DangerBlock.level`."""

JAILS: Tuple[str, ...] = ("off", "write", "strict")
"""The option `jail`, and how `SessionInfo.jail` begins."""

TOOL_GATES: Tuple[str, ...] = ("every_call", "asks_only", "none")
"""`Capabilities.gate`."""
