"""Ctrl-C is heard while a program waits, and whatever it interrupts, no event is lost or seen twice."""

import os
import signal
import sys
import threading
import unittest
from unittest import mock

import hotplex
from hotplex import _pump
from hotplex.events import TURN_END

from .kit import Stage


class CtrlC(Stage):
    def setUp(self):
        super().setUp()
        # A shell has what it starts in the background take no notice of Ctrl-C.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)

    def test_it_is_heard_while_a_program_waits(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!text a\n!hang-soft")
        self.assertIsInstance(turn.next_event(), hotplex.SessionStart)
        self.assertIsInstance(turn.next_event(), hotplex.Answer)
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            turn.next_event(timeout=20)
        turn.cancel()
        self.assertEqual(turn.wait().outcome, "cancelled")
        self.assertEqual(engine.execute("s", self.work_dir, "hello").answer(), "echo: hello")

    def test_the_program_that_it_ends_leaves_nothing(self):
        result = self.program("""
            import os, signal, threading
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text a\\n!hang")
            next(turn)
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            turn.wait()
        """)
        self.assertIn("KeyboardInterrupt", result.stderr)


class FakeLibrary:
    """Gives numbered events, and knows which of them were freed."""

    def __init__(self, turns, each):
        numbers = range(1, turns * each + 1)
        self.events = {number: (number - 1) % turns + 1 for number in numbers}
        self.untaken = list(numbers)
        self.last = set(self.untaken[-turns:])
        self.freed = []

    def hotplex_next_events(self, handle, batch, capacity, timeout):
        taken, self.untaken = self.untaken[:7], self.untaken[7:]
        for place, number in enumerate(taken):
            batch[place] = number
        return len(taken) or _pump.CLOSED

    def hotplex_event_turn(self, event):
        assert event not in self.freed
        return self.events[event]

    def hotplex_event_json(self, event, length):
        return b"%d" % event

    def hotplex_event_get_type(self, event):
        return TURN_END if event in self.last else 3

    def hotplex_event_free(self, event):
        assert event not in self.freed
        self.freed.append(event)

    def hotplex_turn_pause(self, handle, turn, paused):
        return 0


class Interrupted(Exception):
    pass


class AtAnyLine(unittest.TestCase):
    """A signal handler that raises at any line of ours: each of them is tried in turn."""

    TURNS, EACH = 3, 5
    ROOMS = ("_pump.py", "_mailbox.py")

    def setUp(self):
        self.fake = None
        patched = mock.patch.object(_pump, "library", lambda: self.fake)
        patched.start()
        self.addCleanup(patched.stop)

    def test_no_event_is_lost_or_seen_twice(self):
        struck = 0
        while self.play(struck):
            struck += 1
        self.assertGreater(struck, 100)

    def play(self, fatal):
        """Interrupts at that line; False if there are not so many."""
        self.fake = FakeLibrary(self.TURNS, self.EACH)
        pump = _pump.Pump(1)
        mailboxes = [pump.begin(lambda turn=turn: turn)[1] for turn in range(1, self.TURNS + 1)]
        was_struck = self.interrupted(fatal, lambda: pump.wait(pump.over, None))
        self.assertTrue(pump.wait(pump.over, None))
        for turn, mailbox in enumerate(mailboxes, 1):
            expected = [number for number, of in self.fake.events.items() if of == turn]
            seen = [int(line) for line in iter(mailbox.get, None)]
            self.assertEqual((seen, mailbox.over), (expected, True), f"line {fatal}")
        # One may leak, when the line was between its last mention and its end.
        self.assertGreaterEqual(len(self.fake.freed), len(self.fake.events) - 1)
        return was_struck

    def interrupted(self, fatal, call):
        lines = 0

        def trace(frame, event, argument):
            nonlocal lines
            if not frame.f_code.co_filename.endswith(self.ROOMS):
                return None
            if event == "line":
                lines += 1
                if lines - 1 == fatal:
                    sys.settrace(None)
                    raise Interrupted
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            call()
        except Interrupted:
            return True
        finally:
            sys.settrace(before)
        return False


if __name__ == "__main__":
    unittest.main()
