"""JSON objects into dataclasses. Keys that a class does not know are left out: later versions of the
library give more of them."""

import dataclasses
import functools
from typing import Any, Mapping, Tuple, Type, TypeVar

T = TypeVar("T")


@functools.lru_cache(maxsize=None)
def _names(kind: Any) -> Tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def read(kind: Type[T], values: Mapping[str, Any], **more: Any) -> T:
    """An object of the class from those of the values that it has fields for."""
    any_kind: Any = kind
    known = {name: values[name] for name in _names(any_kind) if name in values}
    known.update(more)
    return kind(**known)
