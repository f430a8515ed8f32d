"""The options of an engine, under the names that every language shares.

They are written down for editors and type checkers only. The library itself checks them, and an
unknown one is an `InvalidArgumentError` that names it.
"""

import os
from typing import List, Mapping, Optional, Sequence, TypedDict, Union

__all__ = ["EngineOptions", "GuardOptions", "Path"]

Path = Union[str, "os.PathLike[str]"]


class GuardOptions(TypedDict, total=False):
    """The option `guard`."""

    enabled: bool
    rules_file: Path
    disabled_rules: Sequence[str]
    promoted_rules: Sequence[str]
    extra_roots: Sequence[Path]
    audit_file: Path


class EngineOptions(TypedDict, total=False):
    """All options; each may be left out. Times are milliseconds, and 0 is no limit."""

    provider: str
    program: Path
    program_args: Sequence[str]
    namespace: str
    permission_mode: str
    allowed_tools: Sequence[str]
    disallowed_tools: Sequence[str]
    base_system_prompt: str
    model: str
    env: Mapping[str, Optional[str]]
    inherit_env: Union[bool, List[str]]
    state_dir: Path
    turn_timeout_ms: int
    idle_timeout_ms: int
    background_timeout_ms: int
    start_timeout_ms: int
    silence_timeout_ms: int
    approval_timeout_ms: int
    kill_grace_ms: int
    max_processes: int
    max_sessions: int  # The earlier name of max_processes; one of the two.
    queue_turns: int
    window_bytes: int
    max_line_bytes: int
    partial_messages: bool
    guard: GuardOptions
    jail: str
    jail_roots: Sequence[Path]
    project: str
    trust_without_jail: bool
