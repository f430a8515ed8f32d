"""The same turns without this package's work: the library's blocking calls, as a C program makes them."""

import json
import os
from ctypes import byref, c_uint64, c_void_p

from hotplex._library import library, require, taken
from hotplex.events import TURN_END

BATCH = 256


class Floor:
    """An engine that is used through the library's functions alone."""

    def __init__(self, options, work_dir):
        self._library = library()
        handle, error = c_void_p(), c_void_p()
        words = json.dumps(options, default=os.fspath).encode()
        status = self._library.hotplex_engine_new(words, byref(handle), byref(error))
        require(status, taken(error))
        self._handle = handle.value
        self._config = json.dumps({"session_id": "floor", "work_dir": str(work_dir)}).encode()
        self._events = (c_void_p * BATCH)()

    def run(self, prompt):
        """Runs a turn to its end; how many events it had."""
        text = prompt.encode()
        execute = self._library.hotplex_execute
        require(execute(self._handle, self._config, text, len(text), byref(c_uint64()), None))
        events, ended = 0, False
        while not ended:
            count = self._library.hotplex_next_events(self._handle, self._events, BATCH, -1)
            events += require(count)
            ended = self._library.hotplex_event_get_type(self._events[count - 1]) == TURN_END
            for place in range(count):
                self._library.hotplex_event_free(self._events[place])
        return events

    def close(self):
        self._library.hotplex_engine_free(self._handle)
