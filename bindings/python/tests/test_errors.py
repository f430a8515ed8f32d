"""Each status is an exception of its own, with a message that helps."""

import tempfile
import unittest
from pathlib import Path

import hotplex
from hotplex import errors

from .kit import Stage


class Errors(Stage):
    def test_each_error_has_its_class_and_says_why(self):
        engine = self.open(queue_turns=1)
        ended = engine.execute("done", self.work_dir, "hello")
        ended.wait()
        busy = [engine.execute("busy", self.work_dir, "!hang-soft") for _ in range(2)]
        execute, folder = engine.execute, self.work_dir
        invalid, missing = hotplex.InvalidArgumentError, hotplex.NotFoundError
        table = [
            (lambda: hotplex.Engine(colour="red"), invalid, "colour"),
            (lambda: hotplex.Engine(permission_mode="lenient"), invalid, "lenient"),
            (lambda: hotplex.Engine(program="/no/such/agent"), hotplex.SpawnFailedError, "/no/such"),
            (lambda: execute("", folder, "hello"), invalid, "session"),
            (lambda: execute("s", "", "hello"), invalid, "work"),
            (lambda: execute("done", folder / "other", "hello"), invalid, "work"),
            (lambda: execute("busy", folder, "hello"), hotplex.BusyError, ""),
            (lambda: engine.stop_session("nobody"), missing, ""),
            (lambda: engine.stop_session("done\0x"), invalid, "NUL"),
            (lambda: engine.session_stats("nobody"), missing, ""),
            (lambda: engine.cancel(ended.number), missing, ""),
            (lambda: engine.respond(ended.number, "r", True), missing, ""),
            (lambda: hotplex.log_to(2, "loud"), invalid, ""),
            (lambda: engine.check("ls", kind="poem"), invalid, ""),
        ]
        for number, (call, kind, text) in enumerate(table):
            with self.subTest(row=number):
                with self.assertRaises(kind) as raised:
                    call()
                self.assertIn(text, str(raised.exception))
                self.assertEqual(raised.exception.status, kind.status)
        for turn in busy:
            turn.close()

    def test_a_closed_engine_says_so(self):
        engine = self.open()
        engine.close()
        for call in (
            lambda: engine.execute("s", self.work_dir, "hello"),
            lambda: engine.prewarm(self.work_dir),
            lambda: engine.stop_session("s"),
            engine.sessions,
            engine.stats,
        ):
            with self.assertRaises(hotplex.ClosedError):
                call()

    def test_a_prompt_that_orders_destruction_is_blocked(self):
        # The stand-in would only say it back.
        order = Path(__file__).with_name("order.txt").read_text().strip()
        engine = self.open()
        with self.assertRaises(hotplex.BlockedError) as raised:
            engine.execute("s", self.work_dir, order)
        self.assertNotEqual(str(raised.exception), "")
        self.assertEqual(engine.sessions(), [])
        for verdict in (engine.check(order, kind="prompt"), hotplex.check(order, kind="prompt")):
            self.assertTrue(verdict.blocked)
            self.assertNotIn("", (verdict.rule, verdict.reason, verdict.category, verdict.level))

    def test_an_engine_is_asked_for_its_own_rules(self):
        order = Path(__file__).with_name("order.txt").read_text().strip()
        engine = self.open(guard={"enabled": False})
        self.assertFalse(engine.check(order, kind="prompt").blocked)
        self.assertFalse(hotplex.check("ls -l", work_dir=self.work_dir, home="/h", user="u").blocked)

    def test_a_library_that_is_missing_or_none_is_an_import_error(self):
        with tempfile.NamedTemporaryFile(suffix=".so") as empty:
            for name in ("/no/such/libhotplex.so", empty.name):
                result = self.program(
                    """
                    try:
                        hotplex.Engine(**options)
                    except ImportError as error:
                        print(error)
                    """,
                    HOTPLEX_LIBRARY=name,
                )
                self.assertIn(name, result.stdout, result.stderr)

    def test_every_status_of_the_header_has_a_class(self):
        for status in range(-11, 0):
            self.assertIsNot(type(errors.error_of(status, "x")), hotplex.HotplexError)
        unknown = errors.error_of(-99, "x")
        self.assertEqual((type(unknown), unknown.status), (hotplex.HotplexError, -99))

    def test_the_log_goes_where_it_is_told(self):
        result = self.program("""
            import os, tempfile
            with tempfile.TemporaryFile() as log:
                hotplex.log_to(log, "trace")
                with hotplex.Engine(**options) as engine:
                    engine.execute("s", work_dir, "!die 3").wait()
                log.seek(0)
                print("hotplex" in log.read().decode())
        """)
        self.assertEqual((result.stdout, result.stderr), ("True\n", ""))


if __name__ == "__main__":
    unittest.main()
