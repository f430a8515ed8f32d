"""What becomes of engines that are still open when the interpreter exits, or in a child of fork.

An engine belongs to the process that opened it. A child of os.fork() begins afresh: it may open
engines of its own, and touches nothing of its parent's, since a thread that it does not have may hold
any lock there.
"""

import atexit
import os
import sys
import weakref
from typing import Any

from .errors import InternalError

EXIT_GRACE = 2.0
"""How long agents get to end by themselves at the interpreter's exit, in seconds. Those that take
longer are killed by the library, so that nothing stays."""

_open: "weakref.WeakSet[Any]" = weakref.WeakSet()
_generation = 0


def remember(engine: Any) -> None:
    """Notes an engine that was opened, and that it is to be closed."""
    _open.add(engine)


def forget(engine: Any) -> None:
    """Notes that an engine was closed."""
    _open.discard(engine)


def generation() -> int:
    """How many forks lie between the process that imported this package first and this one."""
    return _generation


def _close_all() -> None:
    for engine in list(_open):
        try:
            engine.close(EXIT_GRACE)
        except InternalError as error:
            # The interpreter ends: there is nobody else to tell, and other engines are to be closed.
            print(f"hotplex: {error}", file=sys.stderr)


def _begin_afresh() -> None:
    global _generation, _open
    _generation += 1
    _open = weakref.WeakSet()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_begin_afresh)
