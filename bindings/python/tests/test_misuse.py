"""What programs do that was not meant: nothing hangs, crashes, is lost or stays behind."""

import asyncio
import copy
import gc
import signal
import threading
import unittest

import hotplex

from .kit import Stage, eventually


class AfterTheEnd(Stage):
    def test_a_turn_and_an_engine_that_are_over_say_so_and_wait_for_nobody(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!hang-soft")
        engine.close()
        self.assertEqual(turn.wait().outcome, "stopped")
        self.assertEqual(list(turn), [], "a turn that was read to its end has no more")
        turn.cancel()
        calls = [
            lambda: engine.execute("s", self.work_dir, "hello"),
            lambda: engine.prewarm(self.work_dir),
            lambda: turn.respond("r", True),
            engine.sessions,
            engine.stats,
        ]
        for call in calls:
            with self.assertRaises(hotplex.HotplexError):
                call()
        engine.close()

    def test_closes_of_many_threads_all_return(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!hang-soft")
        threads = [threading.Thread(target=engine.close) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            self.assertFalse(thread.is_alive())
        self.assertEqual(turn.wait().outcome, "stopped")

    def test_a_copy_of_an_engine_frees_nothing_twice(self):
        engine = self.open()
        try:
            other = copy.copy(engine)
        except TypeError:
            return  # As good an answer.
        del other
        gc.collect()
        self.assertEqual(engine.execute("s", self.work_dir, "hello").answer(), "echo: hello")


class InCallbacks(Stage):
    def test_an_engine_is_closed_by_whoever_is_asked(self):
        engine = self.open()

        def approve(_):
            engine.close()
            return True

        turn = engine.execute("s", self.work_dir, "!bash true", approve=approve)
        self.assertEqual(turn.wait().outcome, "stopped")

    def test_an_engine_is_closed_in_the_loop_over_its_turn(self):
        engine = self.open()
        kinds = []
        for event in engine.execute("s", self.work_dir, "!flood 10000 100\n!hang-soft"):
            if not kinds:
                engine.close()
            kinds.append(type(event))
        self.assertIs(kinds[-1], hotplex.TurnEnd)
        self.assertEqual(kinds.count(hotplex.TurnEnd), 1)

    def test_whoever_is_asked_may_ask_another_session(self):
        engine = self.open()

        def approve(_):
            return engine.execute("other", self.work_dir, "hello").answer() == "echo: hello"

        turn = engine.execute("s", self.work_dir, "!bash true\n!text went on", approve=approve)
        self.assertIn("went on", turn.answer())


class Readers(Stage):
    def test_two_threads_on_one_turn_share_its_events_and_both_end(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!flood 5000 10")
        taken = [[], []]
        threads = [
            threading.Thread(target=lambda mine=mine: mine.extend(turn), daemon=True) for mine in taken
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive(), "a reader hangs")
        kinds = [type(event) for event in taken[0] + taken[1]]
        self.assertEqual(kinds.count(hotplex.Answer), 5000)
        self.assertEqual(kinds.count(hotplex.TurnEnd), 1)

    def test_ten_thousand_events_wait_for_a_late_reader(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!flood 10000 10")
        self.assertEqual(engine.execute("other", self.work_dir, "hello").answer(), "echo: hello")
        kinds = [type(event) for event in turn]
        self.assertEqual(kinds.count(hotplex.Answer), 10_000)

    def test_a_turn_that_nobody_reads_and_everybody_forgot_frees_its_session(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!flood 10000 100\n!hang-soft")
        knot = [turn]
        knot.append(knot)
        del turn, knot
        gc.collect()
        free = lambda: [session.state for session in engine.sessions()] == ["ready"]
        self.assertTrue(eventually(free), engine.sessions())

    def test_an_exception_in_the_loop_lets_the_session_go(self):
        engine = self.open()
        with self.assertRaises(ZeroDivisionError):
            for _ in engine.execute("s", self.work_dir, "!text one\n!hang-soft"):
                1 / 0  # noqa: B018
        gc.collect()
        self.assertEqual(engine.execute("s", self.work_dir, "next").answer(), "echo: next")

    def test_a_signal_handler_cancels_what_the_main_thread_waits_for(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!hang-soft")
        before = signal.signal(signal.SIGUSR1, lambda *_: turn.cancel())
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        main = threading.main_thread().ident
        timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGUSR1))
        timer.start()
        self.assertEqual(turn.wait().outcome, "cancelled")


class Coroutines(Stage):
    def test_a_task_that_is_cancelled_in_the_middle_lets_its_session_go(self):
        async def main(engine):
            async def read(begun):
                async for _ in engine.execute("s", self.work_dir, "!flood 2000 100\n!hang-soft"):
                    begun.set()

            for _ in range(3):
                begun = asyncio.Event()
                task = asyncio.ensure_future(read(begun))
                await asyncio.wait_for(begun.wait(), 30)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                del task
                gc.collect()
                next_one = engine.execute("s", self.work_dir, "next")
                self.assertEqual(await asyncio.wait_for(next_one.answer_async(), 30), "echo: next")

        asyncio.run(main(self.open()))

    def test_a_wait_that_runs_out_of_time_loses_no_event(self):
        async def main(engine):
            turn = engine.execute("s", self.work_dir, "!sleep 600\n!text one\n!text two")
            events = turn.__aiter__()
            seen, waits = [], 0
            while True:
                try:
                    event = await asyncio.wait_for(events.__anext__(), 0.1)
                except asyncio.TimeoutError:
                    waits += 1
                    continue
                except StopAsyncIteration:
                    break
                seen.append(type(event).__name__)
            self.assertEqual(seen, ["SessionStart", "Answer", "Answer", "TurnEnd"])
            self.assertGreater(waits, 1)

        asyncio.run(main(self.open()))

    def test_a_turn_goes_on_in_another_loop(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!text one\n!sleep 200\n!text two")

        async def take(count):
            taken = []
            async for event in turn:
                taken.append(event)
                if len(taken) == count:
                    break
            return taken

        first = asyncio.run(take(2))
        self.assertEqual([type(event).__name__ for event in first], ["SessionStart", "Answer"])
        rest = asyncio.run(take(10))
        # To leave a loop early cancels the turn; it ends once, and its end is not lost.
        self.assertLessEqual(len(rest), 2)
        self.assertEqual(engine.execute("s", self.work_dir, "next").answer(), "echo: next")


class Exits(Stage):
    def test_an_exit_while_a_daemon_thread_reads(self):
        done = self.program(
            """
            import threading
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text there\\n!flood 100000 100\\n!hang")
            threading.Thread(target=lambda: list(turn), daemon=True).start()
            print("over")
            """
        )
        self.assertEqual((done.returncode, done.stdout), (0, "over\n"), done.stderr)

    def test_an_exit_by_an_error_with_turns_unread(self):
        done = self.program(
            """
            engine = hotplex.Engine(**options)
            turns = [engine.execute(f"s{n}", work_dir, "!flood 10000 100\\n!hang") for n in range(4)]
            raise SystemExit(7)
            """
        )
        self.assertEqual((done.returncode, done.stderr), (7, ""))


if __name__ == "__main__":
    unittest.main()
