"""What can go wrong, one class for each status of the C interface."""

from typing import TYPE_CHECKING, Dict, Type

if TYPE_CHECKING:
    from .events import TurnEnd

__all__ = [
    "BlockedError",
    "BufferTooSmallError",
    "BusyError",
    "ClosedError",
    "ForkedError",
    "HotplexError",
    "InUseError",
    "InternalError",
    "InvalidArgumentError",
    "LibraryNotFoundError",
    "MisuseError",
    "NotFoundError",
    "SpawnFailedError",
    "TimedOutError",
    "TurnFailedError",
]


class HotplexError(Exception):
    """The root of all errors of this package. `status` is the number of the C interface."""

    status: int = 0


class TimedOutError(HotplexError, TimeoutError):
    """Nothing came in the time given."""

    status = -1


class InvalidArgumentError(HotplexError, ValueError):
    """An argument can never work; the message says which."""

    status = -2


class ClosedError(HotplexError):
    """The engine is closed or closing, or the turn was closed before its end was read."""

    status = -3


class NotFoundError(HotplexError, LookupError):
    """There is no such turn, session or permission request, or not any more."""

    status = -4


class BusyError(HotplexError):
    """Too many turns wait: try again when one has ended."""

    status = -5


class BlockedError(HotplexError):
    """The guard refuses the prompt; the message says why. No turn was begun."""

    status = -6


class SpawnFailedError(HotplexError):
    """The agent's program is missing or cannot be started."""

    status = -7


class BufferTooSmallError(HotplexError):
    """A status of the C interface that no function used here gives."""

    status = -8


class MisuseError(HotplexError):
    """A stale engine, or two consumers at once: a defect of this package."""

    status = -9


class ForkedError(HotplexError):
    """This process is a child of os.fork(): the engine stayed with its parent.

    The child may open engines of its own.
    """

    status = -10


class InternalError(HotplexError):
    """A defect of hotplex. The engine that it struck is of no use any more."""

    status = -11


class InUseError(HotplexError):
    """Another engine uses the session, of this process or of another: the message names it."""

    status = -12


class LibraryNotFoundError(HotplexError, ImportError):
    """The shared library is missing or of another version; the message says where it was sought."""


class TurnFailedError(HotplexError):
    """A turn that did not complete, for callers who asked for its answer only."""

    def __init__(self, end: "TurnEnd") -> None:
        self.end = end
        reason = end.error.message if end.error else "nothing more is known"
        super().__init__(f"{end.outcome}: {reason}")


_CLASSES: Dict[int, Type[HotplexError]] = {
    kind.status: kind
    for kind in (
        TimedOutError,
        InvalidArgumentError,
        ClosedError,
        NotFoundError,
        BusyError,
        BlockedError,
        SpawnFailedError,
        BufferTooSmallError,
        MisuseError,
        ForkedError,
        InternalError,
        InUseError,
    )
}


def error_of(status: int, message: str) -> HotplexError:
    """The exception for a status; one that is not known yet keeps its number."""
    error = _CLASSES.get(status, HotplexError)(message)
    error.status = status
    return error
