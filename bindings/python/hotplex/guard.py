"""Asks the guard about a text without sending it anywhere."""

import json
import os
from ctypes import byref, c_void_p
from typing import Any, Dict, Optional

from ._library import library, require, taken, utf8, written
from ._reading import read
from .figures import Verdict
from .options import Path

__all__ = ["check"]

BLOCKED = -6


def check(
    text: str,
    kind: str = "command",
    *,
    work_dir: Optional[Path] = None,
    home: Optional[Path] = None,
    user: Optional[str] = None,
    rules: Optional[str] = None,
) -> Verdict:
    """What the usual rules say about a text: `kind` is "command" (source of a shell) or "prompt".

    `work_dir` is where it would run, by default the current directory; `home` and `user` are this
    process's if they are left out. `rules` is the text of a rules file whose rules are asked as well.
    `Engine.check` asks the rules of an engine.
    """
    return check_with(None, text, kind, work_dir, home, user, rules)


def check_with(
    handle: Optional[int],
    text: str,
    kind: str,
    work_dir: Optional[Path],
    home: Optional[Path],
    user: Optional[str],
    rules: Optional[str] = None,
) -> Verdict:
    """The same with the rules of an engine, if there is one."""
    context: Dict[str, Any] = {"kind": kind, "work_dir": os.fspath(work_dir or os.getcwd())}
    if home is not None:
        context["home"] = os.fspath(home)
    if user is not None:
        context["user"] = user
    if rules is not None:
        context["rules"] = rules
    encoded, asked, verdict = utf8(text, "the text"), written(context, "the context"), c_void_p()
    status = library().hotplex_check(handle, asked, encoded, len(encoded), byref(verdict))
    if status != BLOCKED:
        require(status)
    return read(Verdict, json.loads(taken(verdict) or "{}"))
