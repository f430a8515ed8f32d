"""Which agents there are to run."""

import json
from ctypes import byref, c_void_p
from dataclasses import dataclass, field
from typing import Any, List, Mapping, Optional

from ._library import library, require, taken
from ._reading import read

__all__ = ["Capabilities", "Provider", "providers"]

MOST_MILLISECONDS = 2**31 - 1


@dataclass
class Capabilities:
    """What an agent lets an engine do and enforce."""

    gate: str = "none"
    """How many of its calls of tools can be denied before they run, one of `words.TOOL_GATES`."""
    tool_gate: bool = False
    """That is every one: lists of tools are refused without it."""
    denial_reason: bool = False
    """The reason of a denial reaches the model."""
    updated_input: bool = False
    """An answer to a permission request may change the tool's input."""
    interrupt: bool = False
    """A turn can be ended without the end of its process."""
    resume: bool = False
    """A conversation outlives its process."""
    deltas: bool = False
    """Answers come piece by piece if that is wanted."""


@dataclass
class Provider:
    """An agent that engines can run, and whether it is there."""

    name: str
    """For the option `provider`."""
    default_program: str = ""
    """What is looked for on this process's PATH; empty where the option `program` has to name one."""
    program: Optional[str] = None
    """Where it was found; None if it was not."""
    looked_at: List[str] = field(default_factory=list)
    """Where it was looked for in vain."""
    version: Optional[str] = None
    """What the program says by `--version`; None if it said none in time."""
    tested_versions: List[str] = field(default_factory=list)
    """The releases with which the library was tested."""
    capabilities: Capabilities = field(default_factory=Capabilities)


def providers(timeout: float = 5.0) -> List[Provider]:
    """The agents that the library knows. The programs that are there are asked for their versions all at
    once, and waited for up to `timeout` seconds together; with 0 none is started."""
    listed = c_void_p()
    milliseconds = min(max(round(timeout * 1000), 0), MOST_MILLISECONDS)
    require(library().hotplex_providers(milliseconds, byref(listed)))
    return [provider(values) for values in json.loads(taken(listed) or "[]")]


def provider(values: Mapping[str, Any]) -> Provider:
    """A provider with what it is capable of."""
    return read(Provider, values, capabilities=read(Capabilities, values["capabilities"]))
