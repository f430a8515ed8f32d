"""Finds libhotplex.so and tells ctypes how its functions are called.

ctypes lets go of the interpreter's lock during each call, so that a call that waits holds up nobody.
"""

import ctypes
import functools
import json
import os
import threading
from ctypes import POINTER, c_char_p, c_int, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from .errors import InvalidArgumentError, LibraryNotFoundError, error_of

ABI_VERSION = 0

_OUT_STRING = POINTER(c_void_p)

# Texts that the caller must free come as plain addresses: c_char_p would lose the address.
_PROTOTYPES: Dict[str, Tuple[Any, List[Any]]] = {
    "hotplex_version": (c_char_p, []),
    "hotplex_abi_version": (c_uint32, []),
    "hotplex_status_string": (c_char_p, [c_int32]),
    "hotplex_string_free": (None, [c_void_p]),
    "hotplex_log_to_fd": (c_int32, [c_int, c_char_p]),
    "hotplex_engine_new": (c_int32, [c_char_p, POINTER(c_void_p), _OUT_STRING]),
    "hotplex_engine_shutdown": (c_int32, [c_void_p, c_int32]),
    "hotplex_engine_free": (None, [c_void_p]),
    "hotplex_engine_finish": (c_int32, [c_void_p, _OUT_STRING]),
    "hotplex_prewarm": (c_int32, [c_void_p, c_char_p, c_uint32, _OUT_STRING]),
    "hotplex_execute": (
        c_int32,
        [c_void_p, c_char_p, c_char_p, c_size_t, POINTER(c_uint64), _OUT_STRING],
    ),
    "hotplex_respond": (c_int32, [c_void_p, c_uint64, c_char_p, c_char_p, _OUT_STRING]),
    "hotplex_respond_in_session": (
        c_int32,
        [c_void_p, c_char_p, c_char_p, c_char_p, _OUT_STRING],
    ),
    "hotplex_cancel": (c_int32, [c_void_p, c_uint64]),
    "hotplex_turn_pause": (c_int32, [c_void_p, c_uint64, c_int32]),
    "hotplex_stop_session": (c_int32, [c_void_p, c_char_p, c_char_p]),
    "hotplex_sessions_json": (c_int32, [c_void_p, _OUT_STRING]),
    "hotplex_stats_json": (c_int32, [c_void_p, c_char_p, _OUT_STRING]),
    "hotplex_check": (c_int32, [c_void_p, c_char_p, c_char_p, c_size_t, _OUT_STRING]),
    "hotplex_providers": (c_int32, [c_int32, _OUT_STRING]),
    "hotplex_next_events": (c_int32, [c_void_p, POINTER(c_void_p), c_size_t, c_int32]),
    "hotplex_event_fd": (c_int, [c_void_p]),
    "hotplex_event_get_type": (c_int32, [c_void_p]),
    "hotplex_event_turn": (c_uint64, [c_void_p]),
    # JSON escapes NUL, so that its end is where C strings end.
    "hotplex_event_json": (c_char_p, [c_void_p, c_void_p]),
    "hotplex_event_free": (None, [c_void_p]),
}

_loading = threading.Lock()


def _begin_afresh() -> None:
    # A thread that the child does not have may have held the other one.
    global _loading
    _loading = threading.Lock()


os.register_at_fork(after_in_child=_begin_afresh)


def places() -> List[Path]:
    """Where the library is looked for, in this order."""
    named = os.environ.get("HOTPLEX_LIBRARY")
    if named:
        return [Path(named)]
    package = Path(__file__).resolve().parent
    built_here = package.parent.parent.parent / "target" / "release" / "libhotplex.so"
    return [package / "libhotplex.so", built_here]


def library() -> Any:
    """The library, loaded when it is first needed.

    It stays loaded in children of os.fork().
    """
    with _loading:
        return _load()


@functools.lru_cache(maxsize=None)
def _load() -> Any:
    sought = places()
    path = next((place for place in sought if place.is_file()), None)
    if path is None:
        names = ", ".join(str(place) for place in sought)
        raise LibraryNotFoundError(
            f"libhotplex.so is not there: looked for {names}; "
            "build it with `cargo build --release -p hotplex-capi` or set HOTPLEX_LIBRARY"
        )
    try:
        return _declare(ctypes.CDLL(str(path)), path)
    except (OSError, AttributeError) as error:
        raise LibraryNotFoundError(f"{path} cannot be used: {error}") from error


def _declare(loaded: ctypes.CDLL, path: Path) -> ctypes.CDLL:
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    found = loaded.hotplex_abi_version()
    if found != ABI_VERSION:
        raise LibraryNotFoundError(
            f"{path} has interface {found}, this package needs {ABI_VERSION}: "
            "install the two of one version"
        )
    return loaded


def taken(address: c_void_p) -> Optional[str]:
    """The text behind an address that the library gave away, which is freed."""
    if not address.value:
        return None
    try:
        return ctypes.string_at(address.value).decode("utf-8")
    finally:
        library().hotplex_string_free(address)


def require(status: int, message: Optional[str] = None) -> int:
    """The status, if it is none of an error; else raises that error."""
    if status >= 0:
        return status
    raise error_of(status, message or library().hotplex_status_string(status).decode())


def utf8(text: str, name: str) -> bytes:
    """The text as the library takes it. Half a surrogate pair, which Python makes of what it cannot
    decode, is no Unicode, and the caller hears of it in this package's own error."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        place = f"character {error.start} is {text[error.start]!a}"
        raise InvalidArgumentError(f"{name} is not valid Unicode: {place}") from error


def c_string(text: str, name: str) -> bytes:
    """The text for a parameter that ends at its first NUL."""
    if "\0" in text:
        raise InvalidArgumentError(f"{name} has a NUL in it")
    return utf8(text, name)


def written(values: Any, name: str) -> bytes:
    """The values as JSON."""
    return utf8(json.dumps(values, default=os.fspath, ensure_ascii=False), name)
