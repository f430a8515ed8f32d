"""What becomes of engines that are still open when the interpreter exits, or in a child of fork."""

import atexit
import os
import weakref
from typing import Any

EXIT_GRACE = 2.0
"""How long agents get to end by themselves at the interpreter's exit, in seconds. Those that take
longer are killed by the library, so that nothing stays."""

_open: "weakref.WeakSet[Any]" = weakref.WeakSet()
_forked = False


def remember(engine: Any) -> None:
    """Notes an engine that was opened, and that it is to be closed."""
    _open.add(engine)


def forget(engine: Any) -> None:
    """Notes that an engine was closed."""
    _open.discard(engine)


def is_forked() -> bool:
    """True in children of os.fork() of a process that had an engine open.

    The library knows it too, but is behind locks that a thread of the parent may have held.
    """
    return _forked


def _close_all() -> None:
    if _forked:
        return
    for engine in list(_open):
        engine.close(EXIT_GRACE)


def _note_fork() -> None:
    global _forked
    _forked = _forked or len(_open) > 0


atexit.register(_close_all)
os.register_at_fork(after_in_child=_note_fork)
