"""Answers to permission requests."""

from dataclasses import dataclass
from typing import Any, Dict, Optional, Union

from ._library import written

__all__ = ["Allow", "Decision", "Deny"]


@dataclass
class Allow:
    """The tool may run; with `updated_input` it runs with that instead of what the model asked."""

    updated_input: Optional[Dict[str, Any]] = None


@dataclass
class Deny:
    """The tool must not run. The model reads `message`; `interrupt` ends the turn as well."""

    message: str = ""
    interrupt: bool = False


Decision = Union[Allow, Deny, bool]
"""True is a plain `Allow()`, False a plain `Deny()`."""


def to_json(decision: Decision) -> bytes:
    """The decision as the C interface reads it."""
    if isinstance(decision, bool):
        decision = Allow() if decision else Deny()
    if isinstance(decision, Deny):
        words: Dict[str, Any] = {"behavior": "deny", "message": decision.message}
        words["interrupt"] = decision.interrupt
    else:
        words = {"behavior": "allow"}
        if decision.updated_input is not None:
            words["updated_input"] = decision.updated_input
    return written(words, "the decision")
